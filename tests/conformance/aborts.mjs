// Tests that the caller's AbortSignal aborts a call before, during and between attempts. The
// library leaves no listener on the signal and ignores late responses.
import { equal, ok, getOutcome, waitOneTurn } from './harness.mjs';
import {
  CANARY,
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';
import { TIMEOUT_MS, withTimers } from './timers.mjs';

/** Creates an AbortController and records the listeners on its signal. */
const createTrackedController = () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type, listener, options) => {
    listeners.add(listener);
    add(type, listener, options);
    options?.signal?.addEventListener('abort', () => listeners.delete(listener));
  };
  signal.removeEventListener = (type, listener, options) => {
    listeners.delete(listener);
    remove(type, listener, options);
  };
  return { controller, signal, listeners };
};
const fastRetry = { baseDelayMs: 1, maxDelayMs: 2 };
const abortedError = { kind: 'aborted', retryable: false };

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: a signal that is already aborted prevents the request`, async () => {
        for (const reason of [undefined, new Error(CANARY), CANARY, null, 42]) {
          const controller = new AbortController();
          controller.abort(reason);
          const fetch = createRecordingFetch();
          await rejects(() => call({ fetch }, { signal: controller.signal }), {
            ...abortedError,
            attempts: 0,
          });
          equal(fetch.calls.length, 0, 'requests');
        }
      });
      test(`${name}: an abort during the request prevents further attempts`, async () => {
        for (const isSignalObserved of [false, true]) {
          const controller = new AbortController();
          const fetch = createRecordingFetch(
            (url, { signal }) =>
              new Promise((_, reject) => {
                if (isSignalObserved) signal.addEventListener('abort', () => reject(signal.reason));
                Promise.resolve().then(() => controller.abort(new Error(CANARY)));
              }),
          );
          await rejects(() => call({ fetch, retry: fastRetry }, { signal: controller.signal }), {
            ...abortedError,
            attempts: 1,
          });
          equal(fetch.calls.length, 1, 'requests');
          ok(fetch.calls[0].init.signal.aborted, 'the signal of the request is not aborted');
        }
      });
      test(`${name}: an abort while the body is being read ends the call`, async () => {
        const controller = new AbortController();
        const stream = new ReadableStream(
          {
            pull: (streamController) => {
              streamController.enqueue(new Uint8Array([123]));
              controller.abort();
              return new Promise(() => {});
            },
          },
          { highWaterMark: 0 },
        );
        await rejects(
          () =>
            call(
              { fetch: async () => new Response(stream), retry: fastRetry },
              { signal: controller.signal },
            ),
          abortedError,
        );
      });
      test(`${name}: an abort between two attempts ends the wait`, () =>
        withTimers(
          async (timers) => {
            const controller = new AbortController();
            const fetch = createRecordingFetch(async () => createResponse('no', { status: 503 }));
            const onEvent = ({ type }) => {
              if (type === 'retry') waitOneTurn().then(() => controller.abort());
            };
            await rejects(
              () =>
                call(
                  { fetch, timeoutMs: TIMEOUT_MS, retry: { baseDelayMs: 8000 }, onEvent },
                  { signal: controller.signal },
                ),
              {
                ...abortedError,
                attempts: 1,
              },
            );
            equal(fetch.calls.length, 1, 'requests');
            equal(timers.countRunning(), 0, 'timers running');
          },
          { hold: true },
        ));
      for (const moment of ['attempt', 'response', 'retry']) {
        test(`${name}: an abort in onEvent, at the event ${moment}, ends the call`, () =>
          withTimers(
            async (timers) => {
              const controller = new AbortController();
              const fetch = createRecordingFetch(async () => createResponse('no', { status: 503 }));
              const onEvent = ({ type }) => {
                if (type === moment) controller.abort();
              };
              const signal = { signal: controller.signal };
              const promise = call(
                { fetch, timeoutMs: TIMEOUT_MS, retry: { baseDelayMs: 8000 }, onEvent },
                signal,
              );
              let isSettled = false;
              promise.catch(() => {}).finally(() => (isSettled = true));
              for (let n = 0; n < 50 && !isSettled; n++) await waitOneTurn();
              ok(isSettled, 'the call did not settle');
              await rejects(() => promise, abortedError);
              ok(fetch.calls.length <= 1, `${fetch.calls.length} requests`);
              equal(timers.countRunning(), 0, 'timers running');
            },
            { hold: true },
          ));
      }
      test(`${name}: an abort inside fetch, before fetch returns, ends the call`, async () => {
        const controller = new AbortController();
        const fetch = createRecordingFetch((url, init) => {
          controller.abort();
          return Promise.resolve(respondWithSuccess(url, init));
        });
        const { error } = await getOutcome(() => call({ fetch }, { signal: controller.signal }));
        equal(error?.kind, 'aborted', 'kind');
        equal(fetch.calls.length, 1, 'requests');
      });
      test(`${name}: a response after the abort is ignored`, async () => {
        for (const settle of [
          (resolve) => resolve(createResponse({})),
          (_, reject) => reject(new Error(CANARY)),
          (resolve) => resolve(null),
          (_, reject) => reject(undefined),
        ]) {
          const controller = new AbortController();
          let settleLate;
          const fetch = () =>
            new Promise((resolve, reject) => {
              settleLate = () => settle(resolve, reject);
              Promise.resolve().then(() => controller.abort());
            });
          await rejects(() => call({ fetch }, { signal: controller.signal }), abortedError);
          settleLate();
          await waitOneTurn();
        }
      });
      test(`${name}: the call leaves no listener on the signal`, async () => {
        for (const respond of [
          async (url, init) => respondWithSuccess(url, init),
          () => {
            throw new Error('down');
          },
          async () => createResponse('no', { status: 401 }),
          async () => createResponse('no', { status: 503 }),
          () => null,
        ]) {
          const { signal, listeners } = createTrackedController();
          await call({ fetch: createRecordingFetch(respond), retry: fastRetry }, { signal }).catch(
            () => {},
          );
          equal(listeners.size, 0, 'listeners');
        }
        const { controller, signal, listeners } = createTrackedController();
        await rejects(
          () =>
            call(
              { fetch: () => new Promise(() => Promise.resolve().then(() => controller.abort())) },
              { signal },
            ),
          abortedError,
        );
        equal(listeners.size, 0, 'listeners after an abort');
      });
      test(`${name}: an abort does not affect a request that has ended`, async () => {
        const controller = new AbortController();
        let requestSignal;
        await resolves(() =>
          call(
            {
              fetch: async (url, init) => {
                requestSignal = init.signal;
                return respondWithSuccess(url, init);
              },
            },
            { signal: controller.signal },
          ),
        );
        controller.abort();
        await waitOneTurn();
        ok(!requestSignal.aborted, 'the signal of the request was aborted');
      });
      test(`${name}: an undefined signal is ignored`, () =>
        resolves(() =>
          call(
            { fetch: async (url, init) => respondWithSuccess(url, init) },
            { signal: undefined },
          ),
        ));
    }
    test(`${entry}: one signal aborts several calls`, async () => {
      const controller = new AbortController();
      const fetch = createRecordingFetch(() => new Promise(() => {}));
      const calls = Array.from({ length: 10 }, () =>
        rejects(
          () => listOperations(api)[0].call({ fetch }, { signal: controller.signal }),
          abortedError,
        ),
      );
      while (fetch.calls.length < 10) await waitOneTurn();
      controller.abort();
      await Promise.all(calls);
    });
    test(`${entry}: a signal of another AbortSignal implementation aborts the call`, async () => {
      const listeners = new Set();
      const signal = {
        aborted: false,
        addEventListener: (_, listener) => listeners.add(listener),
        removeEventListener: (_, listener) => listeners.delete(listener),
      };
      const fetch = () =>
        new Promise(() =>
          waitOneTurn().then(() =>
            listeners.forEach((listener) =>
              (typeof listener === 'function' ? listener : listener.handleEvent).call(listener),
            ),
          ),
        );
      await rejects(() => listOperations(api)[0].call({ fetch }, { signal }), abortedError);
      equal(listeners.size, 0, 'listeners');
    });
    for (const method of ['addEventListener', 'removeEventListener', 'aborted']) {
      test(`${entry}: a call settles if ${method} of its signal throws`, async () => {
        const throws = () => {
          throw new Error(CANARY);
        };
        const signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
        Object.defineProperty(
          signal,
          method,
          method === 'aborted' ? { get: throws } : { value: throws },
        );
        const { error } = await getOutcome(() =>
          listOperations(api)[0].call(
            { fetch: async (url, init) => respondWithSuccess(url, init) },
            { signal },
          ),
        );
        if (error)
          await rejects(() => Promise.reject(error), { kind: ['invalidRequest', 'aborted'] });
      });
    }
    test(`${entry}: AbortSignal.timeout counts as an abort, not as the library's timeout`, () =>
      rejects(
        () =>
          listOperations(api)[0].call(
            { fetch: () => new Promise(() => {}) },
            { signal: AbortSignal.timeout(5) },
          ),
        abortedError,
      ));
  }
};

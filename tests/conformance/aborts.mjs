// A caller's AbortSignal: before, during and between attempts; nothing is left behind on it, and an
// answer that comes later is nobody's.
import { equal, ok, settled, turn } from './harness.mjs';
import {
  CANARY,
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
} from './helpers.mjs';
import { TIMEOUT, withTimers } from './timers.mjs';

/** A controller whose signal counts the listeners on it. */
const counted = () => {
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
const quick = { baseDelayMs: 1, maxDelayMs: 2 };
const aborted = { kind: 'aborted', retryable: false };

export default ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: a signal that is aborted already sends nothing`, async () => {
        for (const reason of [undefined, new Error(CANARY), CANARY, null, 42]) {
          const controller = new AbortController();
          controller.abort(reason);
          const fetch = recordingFetch();
          await rejects(() => call({ fetch }, { signal: controller.signal }), {
            ...aborted,
            attempts: 0,
          });
          equal(fetch.calls.length, 0, 'requests');
        }
      });
      test(`${name}: an abort under way ends the call, the request, and every further attempt`, async () => {
        for (const behave of ['ignores', 'minds']) {
          const controller = new AbortController();
          const fetch = recordingFetch(
            (url, { signal }) =>
              new Promise((_, reject) => {
                if (behave === 'minds')
                  signal.addEventListener('abort', () => reject(signal.reason));
                Promise.resolve().then(() => controller.abort(new Error(CANARY)));
              }),
          );
          await rejects(() => call({ fetch, retry: quick }, { signal: controller.signal }), {
            ...aborted,
            attempts: 1,
          });
          equal(fetch.calls.length, 1, 'requests');
          equal(fetch.calls[0].init.signal.aborted, true, 'the signal of the attempt');
        }
      });
      test(`${name}: an abort while the body is read ends the call`, async () => {
        const controller = new AbortController();
        const stream = new ReadableStream(
          {
            pull: (reading) => {
              reading.enqueue(new Uint8Array([123]));
              controller.abort();
              return new Promise(() => {});
            },
          },
          { highWaterMark: 0 },
        );
        await rejects(
          () =>
            call(
              { fetch: async () => new Response(stream), retry: quick },
              { signal: controller.signal },
            ),
          aborted,
        );
      });
      test(`${name}: an abort between two attempts ends the wait`, () =>
        withTimers(
          async (timers) => {
            const controller = new AbortController();
            const fetch = recordingFetch(async () => answer('no', { status: 503 }));
            const onEvent = ({ type }) => {
              if (type === 'retry') turn().then(() => controller.abort());
            };
            await rejects(
              () =>
                call(
                  { fetch, timeoutMs: TIMEOUT, retry: { baseDelayMs: 8000 }, onEvent },
                  { signal: controller.signal },
                ),
              {
                ...aborted,
                attempts: 1,
              },
            );
            equal(fetch.calls.length, 1, 'requests');
            equal(timers.running(), 0, 'timers running');
          },
          { hold: true },
        ));
      for (const moment of ['attempt', 'response', 'retry']) {
        test(`${name}: an abort from within onEvent, at the event ${moment}, is minded at once`, () =>
          withTimers(
            async (timers) => {
              const controller = new AbortController();
              const fetch = recordingFetch(async () => answer('no', { status: 503 }));
              const onEvent = ({ type }) => {
                if (type === moment) controller.abort();
              };
              const signal = { signal: controller.signal };
              const promise = call(
                { fetch, timeoutMs: TIMEOUT, retry: { baseDelayMs: 8000 }, onEvent },
                signal,
              );
              let over = false;
              promise.catch(() => {}).finally(() => (over = true));
              for (let n = 0; n < 50 && !over; n++) await turn();
              ok(over, 'the call goes on');
              await rejects(() => promise, aborted);
              ok(fetch.calls.length <= 1, `${fetch.calls.length} requests`);
              equal(timers.running(), 0, 'timers running');
            },
            { hold: true },
          ));
      }
      test(`${name}: an abort from within fetch, before it returns`, async () => {
        const controller = new AbortController();
        const fetch = recordingFetch((url, init) => {
          controller.abort();
          return Promise.resolve(healthyService(url, init));
        });
        const { error } = await settled(() => call({ fetch }, { signal: controller.signal }));
        equal(error?.kind, 'aborted', 'kind');
        equal(fetch.calls.length, 1, 'requests');
      });
      test(`${name}: what comes after the abort is nobody's`, async () => {
        for (const settle of [
          (resolve) => resolve(answer({})),
          (_, reject) => reject(new Error(CANARY)),
          (resolve) => resolve(null),
          (_, reject) => reject(undefined),
        ]) {
          const controller = new AbortController();
          let later;
          const fetch = () =>
            new Promise((...both) => {
              later = () => settle(...both);
              Promise.resolve().then(() => controller.abort());
            });
          await rejects(() => call({ fetch }, { signal: controller.signal }), aborted);
          later();
          await turn();
        }
      });
      test(`${name}: no listener stays on the signal, whatever came of the call`, async () => {
        for (const behave of [
          async (url, init) => healthyService(url, init),
          () => {
            throw new Error('down');
          },
          async () => answer('no', { status: 401 }),
          async () => answer('no', { status: 503 }),
          () => null,
        ]) {
          const { signal, listeners } = counted();
          await call({ fetch: recordingFetch(behave), retry: quick }, { signal }).catch(() => {});
          equal(listeners.size, 0, 'listeners');
        }
        const { controller, signal, listeners } = counted();
        await rejects(
          () =>
            call(
              { fetch: () => new Promise(() => Promise.resolve().then(() => controller.abort())) },
              { signal },
            ),
          aborted,
        );
        equal(listeners.size, 0, 'listeners after an abort');
      });
      test(`${name}: an abort after the call has ended changes nothing`, async () => {
        const controller = new AbortController();
        let seen;
        await resolves(() =>
          call(
            {
              fetch: async (url, init) => {
                seen = init.signal;
                return healthyService(url, init);
              },
            },
            { signal: controller.signal },
          ),
        );
        controller.abort();
        await turn();
        ok(!seen.aborted, 'the signal of an attempt that was over');
      });
      test(`${name}: a signal that is undefined is none`, () =>
        resolves(() =>
          call({ fetch: async (url, init) => healthyService(url, init) }, { signal: undefined }),
        ));
    }
    test(`${entry}: one signal ends all the calls that it was given to`, async () => {
      const controller = new AbortController();
      const fetch = recordingFetch(() => new Promise(() => {}));
      const calls = Array.from({ length: 10 }, () =>
        rejects(() => operations(api)[0].call({ fetch }, { signal: controller.signal }), aborted),
      );
      while (fetch.calls.length < 10) await turn();
      controller.abort();
      await Promise.all(calls);
    });
    test(`${entry}: a signal of another make is minded`, async () => {
      const listeners = new Set();
      const signal = {
        aborted: false,
        addEventListener: (_, listener) => listeners.add(listener),
        removeEventListener: (_, listener) => listeners.delete(listener),
      };
      const fetch = () =>
        new Promise(() =>
          turn().then(() =>
            listeners.forEach((listener) =>
              (typeof listener === 'function' ? listener : listener.handleEvent).call(listener),
            ),
          ),
        );
      await rejects(() => operations(api)[0].call({ fetch }, { signal }), aborted);
      equal(listeners.size, 0, 'listeners');
    });
    for (const method of ['addEventListener', 'removeEventListener', 'aborted']) {
      test(`${entry}: a signal whose ${method} throws settles the call`, async () => {
        const throws = () => {
          throw new Error(CANARY);
        };
        const signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
        Object.defineProperty(
          signal,
          method,
          method === 'aborted' ? { get: throws } : { value: throws },
        );
        const { error } = await settled(() =>
          operations(api)[0].call(
            { fetch: async (url, init) => healthyService(url, init) },
            { signal },
          ),
        );
        if (error)
          await rejects(() => Promise.reject(error), { kind: ['invalidRequest', 'aborted'] });
      });
    }
    test(`${entry}: AbortSignal.timeout is an abort, not the library's timeout`, () =>
      rejects(
        () =>
          operations(api)[0].call(
            { fetch: () => new Promise(() => {}) },
            { signal: AbortSignal.timeout(5) },
          ),
        aborted,
      ));
  }
};

// Tests how the library calls `fetch`: with a URL and an init, without a receiver, and without init
// fields that some engines reject. Also tests the events that `onEvent` receives.
import { equal, ok, withReplaced, containsSecret } from './harness.mjs';
import {
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';

const INIT_FIELDS = ['body', 'headers', 'method', 'redirect', 'signal'];
const fastRetry = { baseDelayMs: 1, maxDelayMs: 2 };

const testFetchCalls = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: calls fetch with a URL and a plain init`, async () => {
        const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
        await resolves(() => call({ fetch }));
        for (const { args, url, init } of fetch.calls) {
          equal(args.length, 2, 'number of arguments');
          equal(typeof url, 'string', 'type of the URL');
          equal(
            Object.keys(init).filter(
              (key) => init[key] !== undefined && !INIT_FIELDS.includes(key),
            ),
            [],
            'other fields of the init',
          );
          equal(init.redirect, 'manual', 'redirect');
          ok(init.signal instanceof AbortSignal, 'the signal is not an AbortSignal');
          ok(!init.signal.aborted, 'the signal is aborted');
          ok(
            init.body === undefined || init.body === null || typeof init.body === 'string',
            'the body is not a string',
          );
          equal(new Request(url, init).method, init.method, 'method of a Request with this init');
          ok(['GET', 'POST', 'DELETE'].includes(init.method), `method ${init.method}`);
        }
      });
      test(`${name}: calls the global fetch without a receiver`, () => {
        const strictFetch = function (url, init) {
          'use strict';
          if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation');
          return Promise.resolve(respondWithSuccess(url, init));
        };
        return withReplaced(globalThis, 'fetch', strictFetch, () =>
          resolves(() => call({ retry: false })),
        );
      });
      test(`${name}: looks up the global fetch at each call`, async () => {
        for (const round of [1, 2]) {
          const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
          await withReplaced(globalThis, 'fetch', fetch, () => resolves(() => call({})));
          ok(fetch.calls.length > 0, `the stub of round ${round} was not called`);
        }
      });
    }
    test(`${entry}: the fetch option takes precedence over the global fetch`, () =>
      withReplaced(
        globalThis,
        'fetch',
        () => {
          throw new Error('the global fetch was called');
        },
        () =>
          resolves(() =>
            listOperations(api)[0].call({
              fetch: async (url, init) => respondWithSuccess(url, init),
            }),
          ),
      ));
    test(`${entry}: fetch may return a response without a promise`, () =>
      resolves(() =>
        listOperations(api)[0].call({ fetch: (url, init) => respondWithSuccess(url, init) }),
      ));
    test(`${entry}: fetch may return a thenable`, () =>
      resolves(() =>
        listOperations(api)[0].call({
          fetch: (url, init) => ({ then: (resolve) => resolve(respondWithSuccess(url, init)) }),
        }),
      ));
    test(`${entry}: concurrent calls each get their own response`, async () => {
      const waiting = [];
      const fetch = (url, init) =>
        new Promise((resolve) => waiting.push(() => resolve(respondWithSuccess(url, init))));
      const ids = Array.from({ length: 50 }, (_, n) => `user-${n}`);
      const all = ids.map((userId) =>
        resolves(() => listOperations(api)[0].call({ fetch }, { userId })),
      );
      while (waiting.length < ids.length) await Promise.resolve();
      for (const settle of waiting.reverse()) settle();
      equal(
        (await Promise.all(all)).map(({ userId }) => userId),
        ids,
        'users',
      );
    });
  }
};

const testEvents = ({ test, lib }) => {
  const createFailingFetch = () =>
    createRecordingFetch([
      async () => createResponse('no', { status: 503 }),
      () => {
        throw new Error('down');
      },
      async (url, init) => respondWithSuccess(url, init),
    ]);
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: onEvent receives attempts, responses and retries`, async () => {
        const seen = [];
        await resolves(() =>
          call({
            fetch: createFailingFetch(),
            retry: fastRetry,
            onEvent: (event) => seen.push(event),
          }),
        );
        ok(!containsSecret(JSON.stringify(seen)), 'an event contains a secret');
        ok(
          !/[?]|refreshToken|userId=|"ada"/.test(JSON.stringify(seen)),
          'an event contains a query or a body',
        );
        const count = (type) => seen.filter((event) => event.type === type).length;
        equal(count('attempt'), operation === 'exchangeSession' ? 4 : 3, 'attempts');
        equal(count('retry'), 2, 'retries');
        ok(count('response') >= 2, 'fewer than two responses');
        for (const {
          type,
          at,
          operation: eventOperation,
          attempt,
          status,
          durationMs,
          detail,
        } of seen) {
          ok(['attempt', 'response', 'retry', 'error'].includes(type), `type ${type}`);
          ok(Number.isFinite(at) && Math.abs(at - Date.now()) < 86_400_000, `at ${at}`);
          ok(
            eventOperation === operation || operation === 'exchangeSession',
            `operation ${eventOperation}`,
          );
          ok(
            attempt === undefined || (Number.isInteger(attempt) && attempt >= 1 && attempt <= 3),
            `attempt ${attempt}`,
          );
          ok(status === undefined || Number.isInteger(status), `status ${status}`);
          ok(durationMs === undefined || durationMs >= 0, `durationMs ${durationMs}`);
          ok(
            detail === undefined || typeof detail === 'string',
            `detail of the type ${typeof detail}`,
          );
        }
        ok(
          seen.some(({ type, status }) => type === 'response' && status === 503),
          'no event contains the status of a response',
        );
        equal(
          seen
            .filter(({ type }) => type === 'attempt')
            .map(({ attempt }) => attempt)
            .slice(0, 3),
          [1, 2, 3],
          'numbers of the attempts',
        );
      });
      test(`${name}: a failed call ends with an event of the type error`, async () => {
        const seen = [];
        await rejects(
          () =>
            call({
              fetch: async () => createResponse('no', { status: 401 }),
              onEvent: (event) => seen.push(event),
            }),
          {},
        ).catch((error) => {
          if (operation !== 'verifySession') throw error; // verifySession resolves after a 401.
        });
        if (operation !== 'verifySession')
          equal(seen.at(-1).type, 'error', 'type of the last event');
        ok(!containsSecret(JSON.stringify(seen)), 'an event contains a secret');
      });
      test(`${name}: an onEvent that throws does not affect the call`, async () => {
        let events = 0;
        await resolves(() =>
          call({
            fetch: createFailingFetch(),
            retry: fastRetry,
            onEvent: () => {
              events++;
              throw new Error('from onEvent');
            },
          }),
        );
        ok(events >= 3, `${events} events`);
      });
      test(`${name}: an onEvent that changes its event does not affect the call`, () =>
        resolves(() =>
          call({
            fetch: createFailingFetch(),
            retry: fastRetry,
            onEvent: (event) => {
              for (const key of Object.keys(event)) event[key] = null;
            },
          }),
        ));
      test(`${name}: an onEvent that makes a call does not affect the first call`, async () => {
        const inner = [];
        await resolves(() =>
          call({
            fetch: createFailingFetch(),
            retry: fastRetry,
            onEvent: () =>
              inner.push(call({ fetch: async (url, init) => respondWithSuccess(url, init) })),
          }),
        );
        await Promise.all(inner);
      });
    }
  }
};

export default (context) => [testFetchCalls, testEvents].forEach((part) => part(context));

// How fetch is called: with (url, init), unbound, with nothing in the init that an engine may
// refuse; and what `onEvent` is told.
import { equal, ok, replaced, spills } from './harness.mjs';
import {
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
} from './helpers.mjs';

const INIT = ['body', 'headers', 'method', 'redirect', 'signal'];
const quick = { baseDelayMs: 1, maxDelayMs: 2 };

const calling = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: fetch gets an address and a plain init, redirects off, with a signal`, async () => {
        const fetch = recordingFetch(async (url, init) => healthyService(url, init));
        await resolves(() => call({ fetch }));
        for (const { args, url, init } of fetch.calls) {
          equal(args.length, 2, 'arguments: number of args');
          equal(typeof url, 'string', 'arguments: typeof url');
          equal(
            Object.keys(init).filter((key) => init[key] !== undefined && !INIT.includes(key)),
            [],
            'other things in the init',
          );
          equal(init.redirect, 'manual', 'redirect');
          ok(init.signal instanceof AbortSignal && !init.signal.aborted, 'signal');
          ok(
            init.body === undefined || init.body === null || typeof init.body === 'string',
            'the body is no text',
          );
          equal(new Request(url, init).method, init.method, 'a Request can be made of it: method');
          equal(
            'GET,POST,DELETE'.includes(init.method),
            true,
            'a Request can be made of it: includes',
          );
        }
      });
      test(`${name}: the global fetch is called unbound`, () => {
        const unbound = function unbound(url, init) {
          'use strict';
          if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation');
          return Promise.resolve(healthyService(url, init));
        };
        return replaced(globalThis, 'fetch', unbound, () => resolves(() => call({ retry: false })));
      });
      test(`${name}: the global fetch is looked up at each call`, async () => {
        for (const round of [1, 2]) {
          const fetch = recordingFetch(async (url, init) => healthyService(url, init));
          await replaced(globalThis, 'fetch', fetch, () => resolves(() => call({})));
          ok(fetch.calls.length > 0, `the stub of round ${round} was not called`);
        }
      });
    }
    test(`${entry}: a fetch of the caller's comes before the global one`, () =>
      replaced(
        globalThis,
        'fetch',
        () => {
          throw new Error('the global one');
        },
        () =>
          resolves(() =>
            operations(api)[0].call({ fetch: async (url, init) => healthyService(url, init) }),
          ),
      ));
    test(`${entry}: a fetch that answers without a promise`, () =>
      resolves(() => operations(api)[0].call({ fetch: (url, init) => healthyService(url, init) })));
    test(`${entry}: a fetch whose promise is a thenable of another make`, () =>
      resolves(() =>
        operations(api)[0].call({
          fetch: (url, init) => ({ then: (resolve) => resolve(healthyService(url, init)) }),
        }),
      ));
    test(`${entry}: calls side by side get each its own answer`, async () => {
      const waiting = [];
      const fetch = (url, init) =>
        new Promise((resolve) => waiting.push(() => resolve(healthyService(url, init))));
      const ids = Array.from({ length: 50 }, (_, n) => `user-${n}`);
      const all = ids.map((userId) =>
        resolves(() => operations(api)[0].call({ fetch }, { userId })),
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

const events = ({ test, lib }) => {
  const failing = () =>
    recordingFetch([
      async () => answer('no', { status: 503 }),
      () => {
        throw new Error('down');
      },
      async (url, init) => healthyService(url, init),
    ]);
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      const name = `${entry} ${operation}`;
      test(`${name}: onEvent is told of attempts, answers and retries, and of no secret`, async () => {
        const seen = [];
        await resolves(() =>
          call({ fetch: failing(), retry: quick, onEvent: (event) => seen.push(event) }),
        );
        ok(!spills(JSON.stringify(seen)), 'an event shows a secret');
        ok(
          !/[?]|refreshToken|userId=|"ada"/.test(JSON.stringify(seen)),
          'an event shows a query or a body',
        );
        const count = (type) => seen.filter((event) => event.type === type).length;
        equal(count('attempt'), operation === 'exchangeSession' ? 4 : 3, 'attempts');
        equal(count('retry'), 2, 'retries');
        ok(count('response') >= 2, 'answers');
        for (const { type, at, operation: of, attempt, status, durationMs, detail } of seen) {
          ok(['attempt', 'response', 'retry', 'error'].includes(type), `type ${type}`);
          ok(Number.isFinite(at) && Math.abs(at - Date.now()) < 86_400_000, `at ${at}`);
          ok(of === operation || operation === 'exchangeSession', `operation ${of}`);
          ok(
            attempt === undefined || (Number.isInteger(attempt) && attempt >= 1 && attempt <= 3),
            `attempt ${attempt}`,
          );
          ok(status === undefined || Number.isInteger(status), `status ${status}`);
          ok(durationMs === undefined || durationMs >= 0, `durationMs ${durationMs}`);
          ok(detail === undefined || typeof detail === 'string', 'detail');
        }
        ok(
          seen.some(({ type, status }) => type === 'response' && status === 503),
          'the status of an answer',
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
      test(`${name}: a call that fails ends with an event of type error`, async () => {
        const seen = [];
        await rejects(
          () =>
            call({
              fetch: async () => answer('no', { status: 401 }),
              onEvent: (event) => seen.push(event),
            }),
          {},
        ).catch((error) => {
          if (operation !== 'verifySession') throw error; // which answers
        });
        if (operation !== 'verifySession') equal(seen.at(-1).type, 'error', 'the last event');
        ok(!spills(JSON.stringify(seen)), 'an event shows a secret');
      });
      test(`${name}: an onEvent that throws harms nothing`, async () => {
        let told = 0;
        await resolves(() =>
          call({
            fetch: failing(),
            retry: quick,
            onEvent: () => {
              told++;
              throw new Error('from onEvent');
            },
          }),
        );
        ok(told >= 3, `told ${told} times`);
      });
      test(`${name}: an onEvent that spoils its event harms nothing`, () =>
        resolves(() =>
          call({
            fetch: failing(),
            retry: quick,
            onEvent: (event) => {
              for (const key of Object.keys(event)) event[key] = null;
            },
          }),
        ));
      test(`${name}: an onEvent that makes a call of its own harms nothing`, async () => {
        const inner = [];
        await resolves(() =>
          call({
            fetch: failing(),
            retry: quick,
            onEvent: () =>
              inner.push(call({ fetch: async (url, init) => healthyService(url, init) })),
          }),
        );
        await Promise.all(inner);
      });
    }
  }
};

export default (context) => [calling, events].forEach((part) => part(context));

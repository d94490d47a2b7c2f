// When a call is retried, how often, and after which delay: full jitter, `Retry-After`, and an
// immediate rejection where the delay would be too long.
import { equal, ok, replaced } from './harness.mjs';
import {
  answer,
  entries,
  healthyService,
  operations,
  recordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';
import { TIMEOUT, withTimers } from './timers.mjs';

const error = (status, code, headers) => async () =>
  answer(code ? JSON.stringify({ status: 'error', code, message: 'no' }) : 'no', {
    status,
    headers,
  });
const down = () => {
  throw new TypeError('down');
};
const succeed = async (url, init) => healthyService(url, init);
const fastRetry = { baseDelayMs: 1, maxDelayMs: 2 };
const withRandom = (value, body) => replaced(Math, 'random', () => value, body);

const transient = {
  'a 503': error(503),
  'a 500': error(500, 500000),
  'a 502': error(502),
  'a 504': error(504),
  'a 429': error(429, 400311),
  'a network error': down,
  'a rejection': () => Promise.reject('x'),
};
const definite = {
  'a 400': error(400, 400000),
  'a 401': error(401, 400100),
  'a 403': error(403, 400301),
  'a 404': error(404, 400400),
  'a 422': error(422, 500000),
  'a ban': error(403, 400312),
  'a quota': error(429, 400323),
  'a web page': async () => answer('<html>', {}),
};

const attempts = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      const name = `${entry} ${operation}`;
      const assertAttempts = async (what, behave, retry, expected) => {
        const fetch = recordingFetch(behave);
        await rejects(() => call({ fetch, retry }), { attempts: expected }, what);
        equal(fetch.calls.length, expected, `requests after ${what}`);
      };
      test(`${name}: makes three attempts at transient faults by default`, async () => {
        for (const [what, behave] of Object.entries(transient))
          await assertAttempts(what, behave, fastRetry, 3);
      });
      test(`${name}: does not retry definite errors`, async () => {
        const resultsOfVerify =
          operation === 'verifySession' ? ['a 401', 'a ban', 'a 404', 'a 403'] : [];
        for (const [what, behave] of Object.entries(definite))
          if (!resultsOfVerify.includes(what)) await assertAttempts(what, behave, fastRetry, 1);
      });
      test(`${name}: makes as many attempts as the option says`, async () => {
        for (const count of [1, 2, 5])
          await assertAttempts(`${count} attempts`, down, { attempts: count, ...fastRetry }, count);
      });
      test(`${name}: makes one attempt with retry: false`, async () => {
        for (const [what, behave] of Object.entries(transient))
          await assertAttempts(what, behave, false, 1);
      });
      test(`${name}: retries after a timeout, which applies to each attempt`, async () => {
        const fetch = recordingFetch([
          () => new Promise(() => {}),
          () => new Promise(() => {}),
          succeed,
          succeed,
        ]);
        await resolves(() => call({ fetch, retry: fastRetry, timeoutMs: 5 }));
        equal(fetch.calls.length, operation === 'exchangeSession' ? 4 : 3, 'requests');
        equal(
          fetch.calls.slice(0, 3).map(({ init }) => init.signal.aborted),
          [true, true, false],
          'aborted requests',
        );
      });
      test(`${name}: succeeds at the last attempt`, async () => {
        const fetch = recordingFetch([down, error(503), succeed]);
        await resolves(() => call({ fetch, retry: fastRetry }));
      });
      test(`${name}: rejects with the error of the last attempt`, () =>
        rejects(
          () =>
            call({
              fetch: recordingFetch([down, error(503), error(400, 400000)]),
              retry: fastRetry,
            }),
          {
            kind: 'invalidRequest',
            code: 400000,
            attempts: 3,
          },
        ));
      test(`${name}: sends the same request at every attempt`, async () => {
        const fetch = recordingFetch(error(503));
        await rejects(() => call({ fetch, retry: fastRetry }));
        const sent = fetch.calls.map(({ url, init }) => [
          url,
          init.method,
          Object.fromEntries(new Headers(init.headers)),
          init.body,
        ]);
        equal(sent, [sent[0], sent[0], sent[0]], 'requests');
      });
    }
  }
};

const delaysBetweenAttempts = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    const session = operations(api)[0].call;
    const collectDelays = (behave, random, retry) =>
      withTimers(async (timers) => {
        const outcome = await withRandom(random, () =>
          rejects(() => session({ fetch: recordingFetch(behave), retry, timeoutMs: TIMEOUT })),
        );
        return { delays: timers.delays, running: timers.running(), outcome };
      });
    test(`${entry}: the range of default delays grows from 250 ms to 8 s`, async () => {
      const { delays: longest } = await collectDelays(down, 0.999999, { attempts: 9 });
      const { delays: shortest } = await collectDelays(down, 0, { attempts: 9 });
      equal(longest.length, 8, 'number of the longest delays');
      equal(shortest.length, 8, 'number of the shortest delays');
      ok(
        longest.every((ms, n) => ms <= 8000 && ms >= (longest[n - 1] ?? 0)),
        `longest delays: ${longest}`,
      );
      ok(longest[0] >= 200 && longest[0] <= 500, `first of the longest delays: ${longest[0]}`);
      ok(longest.at(-1) > 7900, `last of the longest delays: ${longest.at(-1)}`);
      ok(
        shortest.every((ms, n) => ms >= 0 && ms <= 250 && ms < longest[n]),
        `shortest delays: ${shortest}`,
      );
    });
    test(`${entry}: delays stay within baseDelayMs and maxDelayMs`, async () => {
      const { delays } = await collectDelays(down, 0.999999, {
        attempts: 6,
        baseDelayMs: 10,
        maxDelayMs: 40,
      });
      equal(delays.length, 5, 'number of delays');
      ok(
        delays.every((ms) => ms <= 40),
        `delays: ${delays}`,
      );
      ok(delays.at(-1) > 39, `last delay: ${delays.at(-1)}`);
      ok(delays[0] <= 20, `first delay: ${delays[0]}`);
    });
    test(`${entry}: a delay is never shorter than Retry-After`, async () => {
      for (const random of [0, 0.5, 0.999999]) {
        const { delays } = await collectDelays(
          error(429, 400311, { 'retry-after': '2' }),
          random,
          {},
        );
        equal(delays.length, 2, 'number of delays');
        ok(
          delays.every((ms) => ms >= 2000 && ms <= 8000),
          `delays: ${delays}`,
        );
      }
    });
    test(`${entry}: the Retry-After of a 503 counts as well`, async () => {
      const { delays } = await collectDelays(error(503, undefined, { 'retry-after': '1' }), 0, {});
      equal(delays.length, 2, 'number of delays');
      ok(
        delays.every((ms) => ms >= 1000),
        `delays: ${delays}`,
      );
    });
    test(`${entry}: a Retry-After over maxDelayMs rejects at once`, async () => {
      for (const [seconds, retry] of [
        ['9', {}],
        ['1', { maxDelayMs: 999 }],
        ['86400', {}],
      ]) {
        const { delays, outcome } = await collectDelays(
          error(429, 400311, { 'retry-after': seconds }),
          0.5,
          retry,
        );
        equal(delays, [], `Retry-After ${seconds}: delays`);
        equal(outcome.attempts, 1, `Retry-After ${seconds}: attempts`);
        equal(outcome.kind, 'rateLimited', `Retry-After ${seconds}: kind`);
        equal(outcome.retryAfterMs, Number(seconds) * 1000, `Retry-After ${seconds}: retryAfterMs`);
        ok(outcome.retryable, `Retry-After ${seconds}: the error is not retryable`);
      }
    });
    test(`${entry}: a Retry-After date over maxDelayMs rejects at once`, async () => {
      const { delays, outcome } = await collectDelays(
        error(503, undefined, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }),
        0.5,
        {},
      );
      equal(delays, [], 'delays');
      equal(outcome.attempts, 1, 'attempts');
    });
    for (const { operation, call } of operations(api)) {
      test(`${entry} ${operation}: leaves no timer running`, () =>
        withTimers(async (timers) => {
          for (const behave of [succeed, down, error(503), error(401, 400100), () => null]) {
            await call({
              fetch: recordingFetch(behave),
              retry: fastRetry,
              timeoutMs: TIMEOUT,
            }).catch(() => {});
            equal(timers.running(), 0, 'timers running');
          }
        }));
    }
  }
};

export default (context) => [attempts, delaysBetweenAttempts].forEach((part) => part(context));

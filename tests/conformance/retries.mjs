// Tests when and how often a call is retried, and after which delay: full jitter, `Retry-After`,
// and an immediate rejection if the delay would be too long.
import { equal, ok, withReplaced } from './harness.mjs';
import {
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';
import { TIMEOUT_MS, withTimers } from './timers.mjs';

const createErrorResponder = (status, code, headers) => async () =>
  createResponse(code ? JSON.stringify({ status: 'error', code, message: 'no' }) : 'no', {
    status,
    headers,
  });
const failToConnect = () => {
  throw new TypeError('down');
};
const succeed = async (url, init) => respondWithSuccess(url, init);
const fastRetry = { baseDelayMs: 1, maxDelayMs: 2 };
const withRandom = (value, body) => withReplaced(Math, 'random', () => value, body);

const TRANSIENT_FAULTS = {
  'a 503': createErrorResponder(503),
  'a 500': createErrorResponder(500, 500000),
  'a 502': createErrorResponder(502),
  'a 504': createErrorResponder(504),
  'a 429': createErrorResponder(429, 400311),
  'a network error': failToConnect,
  'a rejected fetch': () => Promise.reject('x'),
};
const PERMANENT_ERRORS = {
  'a 400': createErrorResponder(400, 400000),
  'a 401': createErrorResponder(401, 400100),
  'a 403': createErrorResponder(403, 400301),
  'a 404': createErrorResponder(404, 400400),
  'a 422': createErrorResponder(422, 500000),
  'a ban': createErrorResponder(403, 400312),
  'an exceeded quota': createErrorResponder(429, 400323),
  'a web page': async () => createResponse('<html>', {}),
};

const testAttempts = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      const name = `${entry} ${operation}`;
      const assertAttempts = async (what, behave, retry, expected) => {
        const fetch = createRecordingFetch(behave);
        await rejects(() => call({ fetch, retry }), { attempts: expected }, what);
        equal(fetch.calls.length, expected, `requests after ${what}`);
      };
      test(`${name}: makes three attempts by default if a transient fault persists`, async () => {
        for (const [what, behave] of Object.entries(TRANSIENT_FAULTS))
          await assertAttempts(what, behave, fastRetry, 3);
      });
      test(`${name}: does not retry permanent errors`, async () => {
        // After some of these errors, verifySession resolves instead of rejecting.
        const resolvedErrors = operation === 'verifySession' ? ['a 401', 'a ban', 'a 404'] : [];
        for (const [what, behave] of Object.entries(PERMANENT_ERRORS))
          if (!resolvedErrors.includes(what)) await assertAttempts(what, behave, fastRetry, 1);
      });
      test(`${name}: makes as many attempts as the option attempts allows`, async () => {
        for (const count of [1, 2, 5])
          await assertAttempts(
            `${count} attempts`,
            failToConnect,
            { attempts: count, ...fastRetry },
            count,
          );
      });
      test(`${name}: makes one attempt with retry: false`, async () => {
        for (const [what, behave] of Object.entries(TRANSIENT_FAULTS))
          await assertAttempts(what, behave, false, 1);
      });
      test(`${name}: retries after a timeout, which applies to each attempt`, async () => {
        const fetch = createRecordingFetch([
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
        const fetch = createRecordingFetch([failToConnect, createErrorResponder(503), succeed]);
        await resolves(() => call({ fetch, retry: fastRetry }));
      });
      test(`${name}: rejects with the error of the last attempt`, () =>
        rejects(
          () =>
            call({
              fetch: createRecordingFetch([
                failToConnect,
                createErrorResponder(503),
                createErrorResponder(400, 400000),
              ]),
              retry: fastRetry,
            }),
          {
            kind: 'invalidRequest',
            code: 400000,
            attempts: 3,
          },
        ));
      test(`${name}: sends the same request at every attempt`, async () => {
        const fetch = createRecordingFetch(createErrorResponder(503));
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

const testDelays = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const createSession = listOperations(api)[0].call;
    const collectDelays = (behave, random, retry) =>
      withTimers(async (timers) => {
        const error = await withRandom(random, () =>
          rejects(() =>
            createSession({ fetch: createRecordingFetch(behave), retry, timeoutMs: TIMEOUT_MS }),
          ),
        );
        return { delays: timers.delays, error };
      });
    test(`${entry}: the longest default delays grow from about 250 ms to 8 s`, async () => {
      const { delays: longest } = await collectDelays(failToConnect, 0.999999, { attempts: 9 });
      const { delays: shortest } = await collectDelays(failToConnect, 0, { attempts: 9 });
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
    test(`${entry}: the longest delays grow from about baseDelayMs to maxDelayMs`, async () => {
      const { delays } = await collectDelays(failToConnect, 0.999999, {
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
    test(`${entry}: a delay is never shorter than the Retry-After of a 429`, async () => {
      for (const random of [0, 0.5, 0.999999]) {
        const { delays } = await collectDelays(
          createErrorResponder(429, 400311, { 'retry-after': '2' }),
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
    test(`${entry}: a delay is never shorter than the Retry-After of a 503`, async () => {
      const { delays } = await collectDelays(
        createErrorResponder(503, undefined, { 'retry-after': '1' }),
        0,
        {},
      );
      equal(delays.length, 2, 'number of delays');
      ok(
        delays.every((ms) => ms >= 1000),
        `delays: ${delays}`,
      );
    });
    test(`${entry}: a call rejects immediately if Retry-After exceeds maxDelayMs`, async () => {
      for (const [seconds, retry] of [
        ['9', {}],
        ['1', { maxDelayMs: 999 }],
        ['86400', {}],
      ]) {
        const { delays, error } = await collectDelays(
          createErrorResponder(429, 400311, { 'retry-after': seconds }),
          0.5,
          retry,
        );
        equal(delays, [], `Retry-After ${seconds}: delays`);
        equal(error.attempts, 1, `Retry-After ${seconds}: attempts`);
        equal(error.kind, 'rateLimited', `Retry-After ${seconds}: kind`);
        equal(error.retryAfterMs, Number(seconds) * 1000, `Retry-After ${seconds}: retryAfterMs`);
        ok(error.retryable, `Retry-After ${seconds}: the error is not retryable`);
      }
    });
    test(`${entry}: a call rejects immediately if a Retry-After date is too late`, async () => {
      const { delays, error } = await collectDelays(
        createErrorResponder(503, undefined, {
          'retry-after': new Date(Date.now() + 3_600_000).toUTCString(),
        }),
        0.5,
        {},
      );
      equal(delays, [], 'delays');
      equal(error.attempts, 1, 'attempts');
    });
    for (const { operation, call } of listOperations(api)) {
      test(`${entry} ${operation}: no timer is left after the call`, () =>
        withTimers(async (timers) => {
          for (const behave of [
            succeed,
            failToConnect,
            createErrorResponder(503),
            createErrorResponder(401, 400100),
            () => null,
          ]) {
            await call({
              fetch: createRecordingFetch(behave),
              retry: fastRetry,
              timeoutMs: TIMEOUT_MS,
            }).catch(() => {});
            equal(timers.countRunning(), 0, 'timers running');
          }
        }));
    }
  }
};

export default (context) => [testAttempts, testDelays].forEach((part) => part(context));

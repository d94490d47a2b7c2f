// When a call is tried again, how often, and after what wait: full jitter, `Retry-After`, and an
// end at once where waiting would be too long.
import { equal, ok, replaced } from './harness.mjs';
import {
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
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
const fineAnswer = async (url, init) => healthyService(url, init);
const quick = { baseDelayMs: 1, maxDelayMs: 2 };
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
      const tries = async (what, behave, retry, wanted) => {
        const fetch = recordingFetch(behave);
        await rejects(() => call({ fetch, retry }), { attempts: wanted }, what);
        equal(fetch.calls.length, wanted, `requests after ${what}`);
      };
      test(`${name}: what may pass is tried three times by default`, async () => {
        for (const [what, behave] of Object.entries(transient)) await tries(what, behave, quick, 3);
      });
      test(`${name}: what is definite is not tried again`, async () => {
        const answers = operation === 'verifySession' ? ['a 401', 'a ban', 'a 404', 'a 403'] : [];
        for (const [what, behave] of Object.entries(definite))
          if (!answers.includes(what)) await tries(what, behave, quick, 1);
      });
      test(`${name}: as many attempts as were asked for`, async () => {
        for (const count of [1, 2, 5])
          await tries(`${count} attempts`, down, { attempts: count, ...quick }, count);
      });
      test(`${name}: retry false is one attempt`, async () => {
        for (const [what, behave] of Object.entries(transient)) await tries(what, behave, false, 1);
      });
      test(`${name}: a timeout is tried again, and bounds each attempt by itself`, async () => {
        const fetch = recordingFetch([
          () => new Promise(() => {}),
          () => new Promise(() => {}),
          fineAnswer,
          fineAnswer,
        ]);
        await resolves(() => call({ fetch, retry: quick, timeoutMs: 5 }));
        equal(fetch.calls.length, operation === 'exchangeSession' ? 4 : 3, 'requests');
        equal(
          fetch.calls.slice(0, 3).map(({ init }) => init.signal.aborted),
          [true, true, false],
          'signals',
        );
      });
      test(`${name}: succeeds at the last attempt`, async () => {
        const fetch = recordingFetch([down, error(503), fineAnswer]);
        await resolves(() => call({ fetch, retry: quick }));
      });
      test(`${name}: the last failure is the one that is told`, () =>
        rejects(
          () =>
            call({ fetch: recordingFetch([down, error(503), error(400, 400000)]), retry: quick }),
          {
            kind: 'invalidRequest',
            code: 400000,
            attempts: 3,
          },
        ));
      test(`${name}: every attempt sends the same`, async () => {
        const fetch = recordingFetch(error(503));
        await rejects(() => call({ fetch, retry: quick }));
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

const waits = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    const session = operations(api)[0].call;
    const delays = (behave, random, retry) =>
      withTimers(async (timers) => {
        const outcome = await withRandom(random, () =>
          rejects(() => session({ fetch: recordingFetch(behave), retry, timeoutMs: TIMEOUT })),
        );
        return { delays: timers.delays, running: timers.running(), outcome };
      });
    test(`${entry}: by default the waits are drawn from a range that grows from 250 ms to 8 s`, async () => {
      const { delays: most } = await delays(down, 0.999999, { attempts: 9 });
      const { delays: least } = await delays(down, 0, { attempts: 9 });
      equal(most.length, 8, 'waits: number of most');
      equal(least.length, 8, 'waits: number of least');
      ok(
        most.every((ms, n) => ms <= 8000 && ms >= (most[n - 1] ?? 0)),
        `waits with a high draw: ${most}`,
      );
      ok(most[0] >= 200 && most[0] <= 500, `the first with a high draw: ${most[0]}`);
      ok(most.at(-1) > 7900, `the last with a high draw: ${most.at(-1)}`);
      ok(
        least.every((ms, n) => ms >= 0 && ms <= 250 && ms < most[n]),
        `waits with a low draw: ${least}`,
      );
    });
    test(`${entry}: the waits keep within baseDelayMs and maxDelayMs`, async () => {
      const { delays: asked } = await delays(down, 0.999999, {
        attempts: 6,
        baseDelayMs: 10,
        maxDelayMs: 40,
      });
      ok(
        asked.length === 5 && asked.every((ms) => ms <= 40) && asked.at(-1) > 39 && asked[0] <= 20,
        `waits: ${asked}`,
      );
    });
    test(`${entry}: a Retry-After is waited out, not less`, async () => {
      for (const random of [0, 0.5, 0.999999]) {
        const { delays: asked } = await delays(
          error(429, 400311, { 'retry-after': '2' }),
          random,
          {},
        );
        ok(asked.length === 2 && asked.every((ms) => ms >= 2000 && ms <= 8000), `waits: ${asked}`);
      }
    });
    test(`${entry}: a Retry-After is minded on a 503 too`, async () => {
      const { delays: asked } = await delays(error(503, undefined, { 'retry-after': '1' }), 0, {});
      ok(asked.length === 2 && asked.every((ms) => ms >= 1000), `waits: ${asked}`);
    });
    test(`${entry}: a Retry-After over maxDelayMs ends the call at once, and is told`, async () => {
      for (const [seconds, retry] of [
        ['9', {}],
        ['1', { maxDelayMs: 999 }],
        ['86400', {}],
      ]) {
        const { delays: asked, outcome } = await delays(
          error(429, 400311, { 'retry-after': seconds }),
          0.5,
          retry,
        );
        equal(asked, [], `Retry-After ${seconds}: asked`);
        equal(outcome.attempts, 1, `Retry-After ${seconds}: attempts`);
        equal(outcome.kind, 'rateLimited', `Retry-After ${seconds}: kind`);
        equal(outcome.retryAfterMs, Number(seconds) * 1000, `Retry-After ${seconds}: retryAfterMs`);
        equal(outcome.retryable, true, `Retry-After ${seconds}: retryable`);
      }
    });
    test(`${entry}: a Retry-After date over maxDelayMs ends the call at once`, async () => {
      const { delays: asked, outcome } = await delays(
        error(503, undefined, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }),
        0.5,
        {},
      );
      equal(asked, [], 'waits');
      equal(outcome.attempts, 1, 'attempts');
    });
    for (const { operation, call } of operations(api)) {
      test(`${entry} ${operation}: leaves no timer running, whatever came of it`, () =>
        withTimers(async (timers) => {
          for (const behave of [fineAnswer, down, error(503), error(401, 400100), () => null]) {
            await call({ fetch: recordingFetch(behave), retry: quick, timeoutMs: TIMEOUT }).catch(
              () => {},
            );
            equal(timers.running(), 0, 'timers running');
          }
        }));
    }
  }
};

export default (context) => [attempts, waits].forEach((part) => part(context));

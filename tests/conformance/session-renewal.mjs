// Tests when a session is renewed, with how many requests, and how a failed renewal is retried.
import { equal, ok, getOutcome, waitUntil } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import {
  DAY_MS,
  HOUR_MS,
  LIFETIME_MS,
  MARGIN_MS,
  MINUTE_MS,
  SESSIONS,
  START_MS,
  withWorld,
  createNamespace,
} from './session-world.mjs';

/**
 * Returns the renewal window: the earliest and the latest age at which a session of this lifetime
 * is renewed automatically.
 */
const getRenewalWindow = (lifetime) => {
  const span = lifetime - Math.min(MARGIN_MS, lifetime / 10);
  return [span * 0.5, span * 0.9];
};

const testSchedule = (test, lib) => {
  for (const lifetime of [10 * MINUTE_MS, HOUR_MS, DAY_MS, LIFETIME_MS, 365 * DAY_MS]) {
    test(
      `a session of ${lifetime / MINUTE_MS} minutes is renewed once, in its renewal window`,
      withWorld(lib, { accessTokenLifetimeMs: lifetime }, async (world) => {
        const [earliest, latest] = getRenewalWindow(lifetime);
        const client = await world.signIn();
        const token = await world.getToken(client);
        await world.advance(earliest - 1);
        equal(await world.getToken(client), token, 'token before the window');
        equal(world.countSessionRequests(), 1, 'session requests before the window');
        await world.advance(latest - earliest + 1);
        await world.getToken(client);
        await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
        ok((await world.getToken(client)) !== token, 'the token did not change');
        equal(world.countSessionRequests(), 2, 'session requests after the window');
        const [{ expiresAt, byThisTab }] = client.seen.renewed;
        equal(expiresAt.getTime(), client.expiresAt.getTime(), 'expiresAt of the event');
        equal(byThisTab, true, 'byThisTab of the event');
        equal(client.seen.states, ['establishing', 'established'], 'states');
      }),
    );
    test(
      `the timer renews a session of ${lifetime / MINUTE_MS} minutes in each renewal window`,
      withWorld(lib, { accessTokenLifetimeMs: lifetime }, async (world) => {
        const [earliest, latest] = getRenewalWindow(lifetime);
        const client = await world.signIn();
        const step = (latest - earliest) / 8;
        for (let n = 1; n <= 3; n += 1) {
          await world.advanceUntil(
            () => client.seen.renewed.length === n,
            step,
            latest + step,
            `renewal ${n}`,
          );
        }
        const at = world.listRequests().map((request) => request.at);
        equal(at.length, 4, 'session requests');
        for (let n = 1; n < at.length; n += 1) {
          const interval = at[n] - at[n - 1];
          ok(
            interval >= earliest && interval <= latest + 1,
            `renewal ${n} came after ${interval / lifetime} of the lifetime`,
          );
        }
      }),
    );
  }
  test(
    'clients that signed in at the same time renew at different times',
    withWorld(lib, {}, async (world) => {
      const devices = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          world.signIn({ deviceId: `device ${n}`, namespace: createNamespace() }),
        ),
      );
      await world.advance(LIFETIME_MS * 0.92);
      const first = new Map();
      for (const { at, body } of world.listRequests().slice(12))
        if (!first.has(body.deviceId)) first.set(body.deviceId, at - START_MS);
      equal(first.size, devices.length, 'devices that renewed');
      const times = [...first.values()].sort((a, b) => a - b);
      equal(new Set(times).size, times.length, 'distinct times');
      ok(
        times.at(-1) - times[0] > LIFETIME_MS * 0.15,
        `spread over only ${(times.at(-1) - times[0]) / LIFETIME_MS} of the lifetime`,
      );
    }),
  );
};

const testSharedRenewals = (test, lib) => {
  test(
    'fifty callers that need a token share one renewal',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.sleep(LIFETIME_MS + DAY_MS);
      const tokens = await Promise.all(Array.from({ length: 50 }, () => world.getToken(client)));
      equal(new Set(tokens).size, 1, 'distinct tokens');
      equal(world.countSessionRequests(), 2, 'requests');
      equal(client.seen.renewed.length, 1, 'renewed events');
      ok(await world.isTokenValid(tokens[0]), 'the service rejects the new token');
    }),
  );
  test(
    'renew renews even a new token, joins a pending renewal, and reports a failure',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      await Promise.all([1, 2, 3].map(() => resolves(() => client.renew())));
      equal(world.countSessionRequests(), 2, 'requests');
      equal(client.seen.renewed.length, 1, 'renewed events');
      ok((await world.getToken(client)) !== token, 'the token did not change');
      world.service.faults.add({ status: 503, body: 'no' });
      await rejects(() => client.renew(), 'server');
      equal(client.state, 'established', 'state');
      equal(client.seen.failed.length, 1, 'renewalfailed events');
      equal(client.seen.failed[0].error.kind, 'server', 'kind of the event’s error');
    }),
  );
  test(
    'aborting one caller does not abort the renewal',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.sleep(LIFETIME_MS + DAY_MS);
      const held = world.hold();
      const controller = new AbortController();
      const abortedCall = getOutcome(() => client.accessToken({ signal: controller.signal }));
      const otherCall = getOutcome(() => client.accessToken());
      await held.arrived;
      controller.abort();
      equal((await abortedCall).error?.kind, 'aborted', 'error of the aborted call');
      held.release();
      ok(await world.isTokenValid((await otherCall).value), 'the other call got an invalid token');
      equal(world.countSessionRequests(), 2, 'requests');
    }),
  );
  test(
    'minValidityMs, at most half the lifetime, decides when accessToken renews a token',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client, { minValidityMs: 100 * DAY_MS });
      equal(world.countSessionRequests(), 1, 'session requests for a new token');
      equal(await world.getToken(client, { minValidityMs: 0 }), token, 'token for minValidityMs 0');
      world.sleep(40 * MINUTE_MS);
      const next = await world.getToken(client, { minValidityMs: 25 * MINUTE_MS });
      equal(world.countSessionRequests(), 2, 'session requests for a token that expires too early');
      ok(next !== token, 'the token did not change');
      for (const minValidityMs of [NaN, 'soon', {}]) {
        await rejects(
          () => client.accessToken({ minValidityMs }),
          'invalidRequest',
          String(minValidityMs),
        );
      }
    }),
  );
  test(
    'accessToken renews once if sessions are shorter than minValidityMs',
    withWorld(lib, { accessTokenLifetimeMs: 90_000 }, async (world) => {
      const client = await world.signIn();
      world.sleep(80_000);
      const before = world.countSessionRequests();
      await world.getToken(client, { minValidityMs: 3 * HOUR_MS });
      equal(world.countSessionRequests() - before, 1, 'requests');
    }),
  );
  test(
    'if the token has expired, calls during the backoff reject with the last error',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      const client = await world.signIn();
      world.goOffline();
      await world.advance(HOUR_MS);
      await rejects(() => client.accessToken(), 'network');
      const sent = world.service.requests.length;
      await rejects(
        () => client.accessToken(),
        { kind: 'network', retryable: true },
        'call during the backoff',
      );
      equal(world.service.requests.length, sent, 'requests');
      equal(client.userId, 'ada', 'user');
    }),
  );
};

const testBackgroundRenewals = (test, lib) => {
  test(
    'accessToken returns a token that is due for renewal, and renews it in the background',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      world.sleep(LIFETIME_MS * 0.95);
      const verifications = world.listRequests('/api/v3/sessions', 'GET').length;
      const held = world.hold();
      const tokens = await Promise.all(Array.from({ length: 50 }, () => world.getToken(client)));
      ok(
        tokens.every((each) => each === token),
        'a caller got another token',
      );
      await held.arrived;
      ok(
        world.listRequests('/api/v3/sessions', 'GET').length <= verifications + 1,
        'the token was verified more than once',
      );
      held.release();
      await waitUntil(() => client.seen.renewed.length, 'the renewal');
      equal(world.countSessionRequests(), 2, 'requests');
      ok((await world.getToken(client)) !== token, 'the token did not change');
    }),
  );
  const transientFaults = {
    'a network failure': { drop: true },
    'a lost response': { drop: 'afterHandling' },
    500: { status: 500, body: 'no' },
    503: { status: 503, body: '<html>' },
    429: { status: 429, body: '{"status":"error","code":400311,"message":"RateLimit Exceed."}' },
    'a truncated response': { truncateAt: 20 },
  };
  for (const [what, fault] of Object.entries(transientFaults)) {
    test(
      `a renewal that fails with ${what} keeps the session and is retried at nextAttemptAt`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        const token = await world.getToken(client);
        world.service.faults.add({ ...fault, path: SESSIONS });
        world.sleep(LIFETIME_MS * 0.95);
        equal(await world.getToken(client), token, 'token while the renewal is due');
        await waitUntil(() => client.seen.failed.length === 1, 'the failure');
        const [{ error, nextAttemptAt }] = client.seen.failed;
        ok(lib.browser.SocialPlusError.is(error), 'the event’s error is not a SocialPlusError');
        ok(nextAttemptAt instanceof Date, 'nextAttemptAt is not a Date');
        const backoff = nextAttemptAt.getTime() - world.clock.now();
        ok(backoff > 0 && backoff <= 5 * MINUTE_MS, `next attempt in ${backoff} ms`);
        equal(client.state, 'established', 'state');
        for (let i = 0; i < 20; i += 1) await getOutcome(() => client.accessToken());
        await world.waitUntilIdle();
        await world.advance(backoff + 1);
        await getOutcome(() => client.accessToken());
        await waitUntil(() => client.seen.renewed.length === 1, 'the next attempt');
        ok(
          await world.isTokenValid(await world.getToken(client)),
          'the service rejects the new token',
        );
        equal(client.state, 'established', 'state');
        equal(world.countSessionRequests(), 3, 'requests');
        ok(
          world.listRequests()[2].at >= nextAttemptAt.getTime() - 1,
          'the next attempt was sent before nextAttemptAt',
        );
      }),
    );
  }
  test(
    'the backoff grows up to five minutes and restarts after a success',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.service.faults.add({ status: 503, body: 'no', times: Infinity, path: SESSIONS });
      world.sleep(LIFETIME_MS * 0.9 + DAY_MS);
      const backoffs = [];
      for (let n = 1; n <= 16; n += 1) {
        await getOutcome(() => client.accessToken());
        await waitUntil(() => client.seen.failed.length >= n, `failure ${n}`);
        backoffs.push(
          Math.max(0, client.seen.failed.at(-1).nextAttemptAt.getTime() - world.clock.now()),
        );
        await world.advance(backoffs.at(-1) + 1);
      }
      ok(
        backoffs.every((backoff) => backoff <= 5 * MINUTE_MS),
        `backoffs: ${backoffs}`,
      );
      ok(backoffs[0] <= 2000, `first backoff: ${backoffs[0]} ms`);
      ok(Math.max(...backoffs.slice(9)) >= MINUTE_MS, `backoffs: ${backoffs}`);
      world.goOnline();
      await world.advanceUntil(
        async () => (await world.getToken(client), client.seen.renewed.length),
        6 * MINUTE_MS,
        HOUR_MS,
        'a success',
      );
      world.service.faults.add({ status: 503, body: 'no', path: SESSIONS });
      const failed = client.seen.failed.length;
      await getOutcome(() => client.renew());
      await waitUntil(() => client.seen.failed.length > failed, 'one more failure');
      ok(
        client.seen.failed.at(-1).nextAttemptAt.getTime() - world.clock.now() <= 2000,
        'the backoff did not restart after a success',
      );
    }),
  );
  for (const [status, code] of [
    [429, 400311],
    [503, undefined],
  ]) {
    test(
      `after a ${status}, the next renewal waits for Retry-After, even if the app requests a token`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        const body = code ? `{"status":"error","code":${code},"message":"no"}` : 'no';
        world.service.faults.add({
          status,
          body,
          headers: { 'retry-after': '1200' },
          path: SESSIONS,
        });
        world.sleep(LIFETIME_MS * 0.95);
        await world.getToken(client);
        await waitUntil(() => client.seen.failed.length === 1, 'the failure');
        const backoff = client.seen.failed[0].nextAttemptAt.getTime() - world.clock.now();
        ok(backoff >= 1200_000, `next attempt in ${backoff} ms`);
        await world.advance(1200_000 - 1);
        await world.getToken(client);
        await world.waitUntilIdle();
        equal(world.countSessionRequests(), 2, 'requests before Retry-After has passed');
        await world.advance(backoff);
        await world.getToken(client);
        await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
      }),
    );
  }
  if (globalThis.document === undefined) return;
  for (const [what, wake] of [
    ['online', () => globalThis.dispatchEvent(new Event('online'))],
    ['pageshow', () => globalThis.dispatchEvent(new Event('pageshow'))],
    ['visibilitychange', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['resume', () => document.dispatchEvent(new Event('resume'))],
  ]) {
    test(
      `the ${what} event starts a renewal that is due`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        world.sleep(LIFETIME_MS * 0.95);
        await world.waitUntilIdle();
        equal(world.countSessionRequests(), 1, 'requests before the event');
        wake();
        await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
        equal(world.countSessionRequests(), 2, 'requests');
      }),
    );
  }
  test(
    'the online event starts a renewal after one that failed offline',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.goOffline();
      await getOutcome(() => client.renew());
      world.sleep(LIFETIME_MS * 0.95);
      world.goOnline();
      globalThis.dispatchEvent(new Event('online'));
      await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
    }),
  );
};

export default ({ test, lib, engine }) => {
  testSharedRenewals(test, lib);
  // A worker does no background work: a client renews when a call needs another token, not when a
  // renewal is due.
  if (engine.isWorker) return;
  testSchedule(test, lib);
  testBackgroundRenewals(test, lib);
};

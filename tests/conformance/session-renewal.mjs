// When a session is renewed, by how many requests, and what a failure does: nothing, but for the
// next try.
import { equal, ok, settled, until } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MARGIN,
  MINUTE,
  SESSIONS,
  START,
  uniqueNamespace,
  inWorld,
} from './session-world.mjs';

/**
 * The earliest and the latest moment at which a session of this length may be renewed by itself,
 * from when it was issued.
 */
const bounds = (lifetime) => {
  const span = lifetime - Math.min(MARGIN, lifetime / 10);
  return [span * 0.5, span * 0.9];
};

const moment = (test, lib) => {
  for (const lifetime of [10 * MINUTE, HOUR, DAY, LIFETIME, 365 * DAY]) {
    test(
      `a session of ${lifetime / HOUR} hours: at a use before half of it nothing, after nine tenths one renewal`,
      inWorld(lib, { accessTokenLifetimeMs: lifetime }, async (world) => {
        const [earliest, latest] = bounds(lifetime);
        const client = await world.signedIn();
        const token = await world.token(client);
        await world.advance(earliest - 1);
        equal([await world.token(client), world.sessionRequestCount()], [token, 1], 'before');
        await world.advance(latest - earliest + 1);
        await world.token(client);
        await until(() => client.seen.renewed.length === 1, 'the renewal');
        ok((await world.token(client)) !== token && world.sessionRequestCount() === 2, 'after');
        const [{ expiresAt, byThisTab }] = client.seen.renewed;
        equal(
          [expiresAt.getTime(), byThisTab],
          [client.expiresAt.getTime(), true],
          'what is announced',
        );
        equal(client.seen.states, ['establishing', 'established'], 'states');
      }),
    );
    test(
      `a session of ${lifetime / HOUR} hours is renewed by itself between half and nine tenths, again and again`,
      inWorld(lib, { accessTokenLifetimeMs: lifetime }, async (world) => {
        const [earliest, latest] = bounds(lifetime);
        const client = await world.signedIn();
        const step = (latest - earliest) / 8;
        for (let n = 1; n <= 3; n += 1) {
          await world.advanceUntil(
            () => client.seen.renewed.length === n,
            step,
            latest + step,
            `renewal ${n}`,
          );
        }
        const at = world.requests().map((request) => request.at);
        equal(at.length, 4, 'session requests');
        for (let n = 1; n < at.length; n += 1) {
          const after = at[n] - at[n - 1];
          ok(
            after >= earliest && after <= latest + 1,
            `renewal ${n} after ${after / lifetime} of the session`,
          );
        }
      }),
    );
  }
  test(
    'a million clients that signed in together spread out, and the same one is where it was',
    inWorld(lib, {}, async (world) => {
      const moments = async (deviceId) => {
        const client = await world.signedIn({ deviceId, namespace: uniqueNamespace() });
        return { client, deviceId };
      };
      const devices = await Promise.all(
        Array.from({ length: 12 }, (_, n) => moments(`device ${n}`)),
      );
      await world.advance(LIFETIME * 0.92);
      const first = new Map();
      for (const { at, body } of world.requests().slice(12))
        if (!first.has(body.deviceId)) first.set(body.deviceId, at - START);
      equal(first.size, devices.length, 'all have renewed');
      const all = [...first.values()].sort((a, b) => a - b);
      equal(new Set(all).size, all.length, 'no two at once');
      ok(
        all.at(-1) - all[0] > LIFETIME * 0.15,
        `spread over ${(all.at(-1) - all[0]) / LIFETIME} of the session`,
      );
    }),
  );
};

const oneFlight = (test, lib) => {
  test(
    'an expired token: fifty callers wait for one request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const tokens = await Promise.all(Array.from({ length: 50 }, () => world.token(client)));
      equal(
        [new Set(tokens).size, world.sessionRequestCount(), client.seen.renewed.length],
        [1, 2, 1],
        'tokens, requests, events',
      );
      ok(await world.isTokenValid(tokens[0]), 'it is good');
    }),
  );
  test(
    'renew renews whatever is due, joins what is under way, and tells a failure',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      await Promise.all([1, 2, 3].map(() => resolves(() => client.renew())));
      equal(
        [
          world.sessionRequestCount(),
          client.seen.renewed.length,
          (await world.token(client)) === token,
        ],
        [2, 1, false],
        'requests, events, token',
      );
      world.service.faults.add({ status: 503, body: 'no' });
      await rejects(() => client.renew(), 'server');
      equal([client.state, client.seen.failed.length], ['established', 1], 'state, events');
      equal(client.seen.failed[0].error.kind, 'server', 'what is announced');
    }),
  );
  test(
    'a caller’s abort ends its own wait, not the renewal',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const held = world.hold();
      const controller = new AbortController();
      const left = settled(() => client.accessToken({ signal: controller.signal }));
      const stayed = settled(() => client.accessToken());
      await held.arrived;
      controller.abort();
      equal((await left).error?.kind, 'aborted', 'who left');
      held.release();
      ok(await world.isTokenValid((await stayed).value), 'who stayed');
      equal(world.sessionRequestCount(), 2, 'requests');
    }),
  );
  test(
    'minValidityMs: renewed first if the token would not last, but not for more than half a lifetime, and never twice',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client, { minValidityMs: 100 * DAY });
      equal(
        [world.sessionRequestCount(), await world.token(client, { minValidityMs: 0 })],
        [1, token],
        'a fresh one is the best there is',
      );
      world.sleep(40 * MINUTE);
      const next = await world.token(client, { minValidityMs: 25 * MINUTE });
      equal([world.sessionRequestCount(), next === token], [2, false], 'one that would not last');
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
    'a service whose sessions are shorter than the wish: one renewal, then what there is',
    inWorld(lib, { accessTokenLifetimeMs: 90_000 }, async (world) => {
      const client = await world.signedIn();
      world.sleep(80_000);
      const before = world.sessionRequestCount();
      await world.token(client, { minValidityMs: 3 * HOUR });
      equal(world.sessionRequestCount() - before, 1, 'requests');
    }),
  );
  test(
    'expired and within the pause: a call is refused at once, with what went wrong',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await world.advance(HOUR);
      await rejects(() => client.accessToken(), 'network');
      const sent = world.service.requests.length;
      await rejects(() => client.accessToken(), 'network', 'within the pause');
      equal([world.service.requests.length, client.userId], [sent, 'ada'], 'requests, user');
    }),
  );
};

const behind = (test, lib) => {
  test(
    'a token that is due is given at once, and renewed behind the callers’ backs by one request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.sleep(LIFETIME * 0.95);
      const verified = world.requests('/api/v3/sessions', 'GET').length;
      const held = world.hold();
      const tokens = await Promise.all(Array.from({ length: 50 }, () => world.token(client)));
      ok(
        tokens.every((one) => one === token),
        'the token at hand',
      );
      await held.arrived;
      ok(world.requests('/api/v3/sessions', 'GET').length <= verified + 1, 'verified at most once');
      held.release();
      await until(() => client.seen.renewed.length, 'the renewal');
      equal(
        [world.sessionRequestCount(), (await world.token(client)) === token],
        [2, false],
        'requests, a new token',
      );
    }),
  );
  const ways = {
    'no network': { drop: true },
    'a lost answer': { drop: 'afterHandling' },
    500: { status: 500, body: 'no' },
    503: { status: 503, body: '<html>' },
    429: { status: 429, body: '{"status":"error","code":400311,"message":"RateLimit Exceed."}' },
    'half an answer': { truncateAt: 20 },
  };
  for (const [what, fault] of Object.entries(ways)) {
    test(
      `a renewal that fails by ${what} keeps the session, tells when it is tried again, and is`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.service.faults.add({ ...fault, path: SESSIONS });
        world.sleep(LIFETIME * 0.95);
        equal(await world.token(client), token, 'the token at hand');
        await until(() => client.seen.failed.length === 1, 'the failure');
        const [{ error, nextAttemptAt }] = client.seen.failed;
        ok(
          lib.browser.SocialPlusError.is(error) && nextAttemptAt instanceof Date,
          'what is announced',
        );
        const pause = nextAttemptAt.getTime() - world.clock.now();
        ok(pause > 0 && pause <= 5 * MINUTE, `next attempt in ${pause} ms`);
        equal(client.state, 'established', 'state');
        for (let i = 0; i < 20; i += 1) await settled(() => client.accessToken());
        await world.untilIdle();
        await world.advance(pause + 1);
        await settled(() => client.accessToken());
        await until(() => client.seen.renewed.length === 1, 'the next try');
        ok(await world.isTokenValid(await world.token(client)), 'the new token is good');
        equal([client.state, world.sessionRequestCount()], ['established', 3], 'state, requests');
        ok(
          world.requests()[2].at >= nextAttemptAt.getTime() - 1,
          'nothing was asked before that moment',
        );
      }),
    );
  }
  test(
    'the pause doubles, stays under five minutes, and begins anew after a success',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.service.faults.add({ status: 503, body: 'no', times: Infinity, path: SESSIONS });
      world.sleep(LIFETIME * 0.9 + DAY);
      const pauses = [];
      for (let n = 1; n <= 16; n += 1) {
        await settled(() => client.accessToken());
        await until(() => client.seen.failed.length >= n, `failure ${n}`);
        pauses.push(
          Math.max(0, client.seen.failed.at(-1).nextAttemptAt.getTime() - world.clock.now()),
        );
        await world.advance(pauses.at(-1) + 1);
      }
      ok(
        pauses.every((pause) => pause <= 5 * MINUTE),
        `pauses: ${pauses}`,
      );
      ok(pauses[0] <= 2000 && Math.max(...pauses.slice(9)) >= MINUTE, `pauses: ${pauses}`);
      world.online();
      await world.advanceUntil(
        async () => (await world.token(client), client.seen.renewed.length),
        6 * MINUTE,
        HOUR,
        'a success',
      );
      world.service.faults.add({ status: 503, body: 'no', path: SESSIONS });
      const failed = client.seen.failed.length;
      await settled(() => client.renew());
      await until(() => client.seen.failed.length > failed, 'one more failure');
      ok(
        client.seen.failed.at(-1).nextAttemptAt.getTime() - world.clock.now() <= 2000,
        'the pause after a success',
      );
    }),
  );
  for (const [status, code] of [
    [429, 400311],
    [503, undefined],
  ]) {
    test(
      `Retry-After of a ${status} is minded, also by whoever asks`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const body = code ? `{"status":"error","code":${code},"message":"no"}` : 'no';
        world.service.faults.add({
          status,
          body,
          headers: { 'retry-after': '1200' },
          path: SESSIONS,
        });
        world.sleep(LIFETIME * 0.95);
        await world.token(client);
        await until(() => client.seen.failed.length === 1, 'the failure');
        const pause = client.seen.failed[0].nextAttemptAt.getTime() - world.clock.now();
        ok(pause >= 1200_000, `next attempt in ${pause} ms`);
        await world.advance(1200_000 - 1);
        await world.token(client);
        await world.untilIdle();
        equal(world.sessionRequestCount(), 2, 'requests before that moment');
        await world.advance(pause);
        await world.token(client);
        await until(() => client.seen.renewed.length === 1, 'the renewal');
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
      `at wake (${what}) a renewal that is due is made, with nobody asking`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        world.sleep(LIFETIME * 0.95);
        await world.untilIdle();
        equal(world.sessionRequestCount(), 1, 'asleep');
        wake();
        await until(() => client.seen.renewed.length === 1, 'the renewal');
        equal(world.sessionRequestCount(), 2, 'requests');
      }),
    );
  }
  test(
    'online ends a pause',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await settled(() => client.renew());
      world.sleep(LIFETIME * 0.95);
      world.online();
      globalThis.dispatchEvent(new Event('online'));
      await until(() => client.seen.renewed.length === 1, 'the renewal');
    }),
  );
};

export default ({ test, lib, engine }) => {
  oneFlight(test, lib);
  // On a worker nothing is done that nobody waits for: a token that is due and good is given, and
  // renewed once it no longer is.
  if (engine.isWorker) return;
  moment(test, lib);
  behind(test, lib);
};

// Clocks lie: a device's own may be wrong by hours, be set, or stand still in sleep. What counts is
// the service's time.
import { equal, ok, settled, until } from './harness.mjs';
import { answer, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MARGIN,
  MINUTE,
  SESSIONS,
  START,
  customStorage,
  inWorld,
} from './session-world.mjs';

const VERIFY = '/api/v3/sessions';
const verified = (world) => world.requests(VERIFY, 'GET').length;

const wrong = (test, lib, engine) => {
  for (const skewMs of [-400 * DAY, -5 * HOUR, -7 * MINUTE, 7 * MINUTE, 5 * HOUR, 400 * DAY]) {
    const what = `a clock that is ${Math.abs(skewMs) / HOUR} hours ${skewMs < 0 ? 'slow' : 'fast'}`;
    test(
      `${what}: established, the service’s dates, and no renewal before its time`,
      inWorld(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        equal(
          [client.state, client.expiresAt.getTime()],
          ['established', START + LIFETIME],
          'state, expiresAt',
        );
        const token = await world.token(client);
        await world.advance((LIFETIME - MARGIN) / 2 - 2000);
        equal(
          [await world.token(client), world.sessionRequestCount(), client.state],
          [token, 1, 'established'],
          'token, requests, state',
        );
      }),
    );
    test(
      `${what}: tokenExpired comes in the service’s time`,
      inWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        world.offline();
        // The Date header counts in whole seconds, and is as old as the answer was on its way.
        await world.advance(HOUR - 2000);
        equal(client.state, 'established', 'two seconds before');
        await world.advance(4000);
        equal(client.state, 'tokenExpired', 'two seconds after');
      }),
    );
    test(
      `${what}: without a Date that can be read, the session’s own date tells`,
      inWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        world.answer = async (url, init) => {
          const response = await world.service.fetch(url, init);
          const headers = new Headers(response.headers);
          headers.delete('date');
          return new Response(await response.text(), { status: response.status, headers });
        };
        const client = await world.signedIn();
        await world.advance(20 * MINUTE);
        await world.token(client);
        equal(
          [client.state, world.sessionRequestCount()],
          ['established', 1],
          'state, requests after twenty minutes',
        );
        world.answer = () => Promise.reject(new TypeError('fetch failed'));
        await world.advance(40 * MINUTE + 2000);
        equal(client.state, 'tokenExpired', 'state after an hour');
      }),
    );
    if (engine.isWorker) continue;
    test(
      `${what}: the renewal comes by itself between half and nine tenths of the service’s time`,
      inWorld(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        await world.advance(LIFETIME * 0.9);
        await until(() => client.seen.renewed.length === 1, 'the renewal');
        const after = world.requests()[1].at - START;
        ok(
          after >= (LIFETIME - MARGIN) * 0.5 - 2000 && after <= (LIFETIME - MARGIN) * 0.9 + 2000,
          `after ${after / LIFETIME}`,
        );
      }),
    );
  }
  test(
    'a Date header that lies is worth less than the session itself',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      world.service.faults.add({ clockSkewMs: 10 * DAY, times: Infinity });
      const client = await world.signedIn();
      const token = await world.token(client);
      ok(await world.isTokenValid(token), 'the token is good');
      ok(world.sessionRequestCount() <= 2, `${world.sessionRequestCount()} session requests`);
      for (let i = 0; i < 5; i += 1) {
        await world.advance(MINUTE);
        await world.token(client);
      }
      ok(
        world.sessionRequestCount() <= 3,
        `no storm: ${world.sessionRequestCount()} session requests`,
      );
    }),
  );
};

const changed = (test, lib) => {
  for (const ms of [-400 * DAY, -5 * HOUR, 5 * HOUR, 400 * DAY]) {
    test(
      `a clock that is set by ${ms / HOUR} hours under way: still established, the same token, no new session`,
      inWorld(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.shiftWallClock(ms);
        equal(client.state, 'established', 'what is read');
        equal([await world.token(client), client.state], [token, 'established'], 'token, state');
        await world.untilIdle();
        equal(world.sessionRequestCount(), 1, 'session requests');
        ok(verified(world) <= 1, 'verified at most once');
        await world.advance(MINUTE);
        equal(
          [await world.token(client), verified(world) <= 1],
          [token, true],
          'nor again a minute later',
        );
      }),
    );
    test(
      `a clock that is set by ${ms / HOUR} hours offline: nothing is given up`,
      inWorld(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.offline();
        world.shiftWallClock(ms);
        await settled(() => client.accessToken());
        equal([client.state, client.userId], ['established', 'ada'], 'state, user');
        world.online();
        await world.advance(6 * MINUTE);
        await settled(() => client.accessToken());
        await world.untilIdle();
        ok(
          client.state === 'established' && (await world.isTokenValid(await world.token(client))),
          'online again',
        );
        ok(
          world.sessionRequestCount() <= 2 && typeof token === 'string',
          `${world.sessionRequestCount()} session requests`,
        );
      }),
    );
  }
  test(
    'sleep beyond the end of the session: found out at the next use, renewed by one request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const token = await world.token(client);
      ok(await world.isTokenValid(token), 'the token is good');
      equal([world.sessionRequestCount(), client.state], [2, 'established'], 'requests, state');
    }),
  );
  test(
    'sleep that ends before the session does: the same token, not renewed before its time',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.sleep(LIFETIME * 0.45);
      equal([await world.token(client), client.state], [token, 'established'], 'token, state');
      await world.untilIdle();
      equal(world.sessionRequestCount(), 1, 'requests');
    }),
  );
};

const suspected = (test, lib) => {
  /**
   * A client whose device believes that the stored session has long expired, which the service does
   * not.
   */
  const believing = async (world) => {
    const storage = customStorage();
    const first = await world.signedIn({ storage });
    const token = await world.token(first);
    await first.close();
    world.shiftWallClock(400 * DAY);
    return { client: world.client({ storage }), token };
  };
  test(
    'a stored session that seems to have expired is verified before it is called so',
    inWorld(lib, {}, async (world) => {
      const { client, token } = await believing(world);
      await resolves(() => client.resume());
      equal(
        [await world.token(client), client.state, world.sessionRequestCount()],
        [token, 'established', 1],
        'token, state, session requests',
      );
      equal(verified(world), 1, 'verified');
    }),
  );
  test(
    'and if that fails, it is no reason to sign anyone out',
    inWorld(lib, {}, async (world) => {
      const { client, token } = await believing(world);
      world.offline();
      await resolves(() => client.resume());
      await settled(() => client.accessToken());
      ok(
        client.state !== 'notLoggedIn' && client.state !== 'terminated' && client.userId === 'ada',
        `state: ${client.state}`,
      );
      world.online();
      await world.advance(6 * MINUTE);
      await settled(() => client.accessToken());
      await world.untilIdle();
      equal(client.state, 'established', 'online again');
      ok(
        typeof token === 'string' && (await world.isTokenValid(await world.token(client))),
        'with a good token',
      );
    }),
  );
  test(
    'a stored session that seems good and is not: one replay, one renewal',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage });
      await first.close();
      world.service.clock.advance(LIFETIME + DAY);
      const client = world.client({ storage });
      await resolves(() => client.resume());
      const response = await resolves(() => client.fetch('/api/v3/network-settings/chat'));
      equal([response.status, world.sessionRequestCount()], [200, 2], 'status, session requests');
    }),
  );
  test(
    'a session that the service ended is not verified for ever',
    inWorld(lib, {}, async (world) => {
      const { client, token: stored } = await believing(world);
      await world.revoke(stored);
      await resolves(() => client.resume());
      await world.untilIdle();
      const token = await world.token(client);
      await world.untilIdle();
      ok(
        verified(world) <= 3 && world.sessionRequestCount() === 2,
        `verified ${verified(world)} times, ${world.sessionRequestCount()} session requests`,
      );
      ok(await world.isTokenValid(token), 'renewed');
    }),
  );
  test(
    'no session lasts longer than a timer: a year, and a service that says ten',
    inWorld(lib, { accessTokenLifetimeMs: 3650 * DAY }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      await world.advance(2 * 365 * DAY);
      equal(
        [await world.token(client), client.state, world.sessionRequestCount()],
        [token, 'established', 1],
        'token, state, requests',
      );
    }),
  );
  test(
    'a service that gives no dates: good for a day from its arrival',
    inWorld(lib, {}, async (world) => {
      world.answer = async (url, init, path) => {
        if (path !== SESSIONS || init.method !== 'POST') return undefined;
        const { issuedAt, expiresAt, ...body } = await (
          await world.service.fetch(url, init)
        ).json();
        return answer({ ...body, accessToken: 'opaque', hidden: issuedAt < expiresAt });
      };
      const client = await world.signedIn();
      const left = client.expiresAt.getTime() - world.clock.now();
      ok(Math.abs(left - DAY) <= 2000, `expires in ${left / HOUR} hours`);
      await world.advance(DAY * 0.4);
      await world.token(client);
      equal(world.sessionRequestCount(), 1, 'requests before half of it');
    }),
  );
};

export default ({ test, lib, engine }) => {
  wrong(test, lib, engine);
  changed(test, lib);
  suspected(test, lib);
};

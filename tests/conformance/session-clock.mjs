// Clocks lie: a device's own may be wrong by hours, be set, or stand still in sleep. What counts is
// the service's time.
import { equal, ok, settled, until } from './harness.mjs';
import { answer, fine } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MARGIN,
  MINUTE,
  SESSIONS,
  START,
  ownStorage,
  within,
} from './session-world.mjs';

const VERIFY = '/api/v3/sessions';
const verified = (world) => world.requests(VERIFY, 'GET').length;

const wrong = (test, lib, engine) => {
  for (const skewMs of [-400 * DAY, -5 * HOUR, -7 * MINUTE, 7 * MINUTE, 5 * HOUR, 400 * DAY]) {
    const what = `a clock that is ${Math.abs(skewMs) / HOUR} hours ${skewMs < 0 ? 'slow' : 'fast'}`;
    test(
      `${what}: established, the service’s dates, and no renewal before its time`,
      within(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        equal(
          [client.state, client.expiresAt.getTime()],
          ['established', START + LIFETIME],
          'state, expiresAt',
        );
        const token = await world.token(client);
        await world.turn((LIFETIME - MARGIN) / 2 - 2000);
        equal(
          [await world.token(client), world.made(), client.state],
          [token, 1, 'established'],
          'token, requests, state',
        );
      }),
    );
    test(
      `${what}: tokenExpired comes in the service’s time`,
      within(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        world.offline();
        // The Date header counts in whole seconds, and is as old as the answer was on its way.
        await world.turn(HOUR - 2000);
        equal(client.state, 'established', 'two seconds before');
        await world.turn(4000);
        equal(client.state, 'tokenExpired', 'two seconds after');
      }),
    );
    test(
      `${what}: without a Date that can be read, the session’s own date tells`,
      within(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        world.answer = async (url, init) => {
          const response = await world.service.fetch(url, init);
          const headers = new Headers(response.headers);
          headers.delete('date');
          return new Response(await response.text(), { status: response.status, headers });
        };
        const client = await world.signedIn();
        await world.turn(20 * MINUTE);
        await world.token(client);
        equal(
          [client.state, world.made()],
          ['established', 1],
          'state, requests after twenty minutes',
        );
        world.answer = () => Promise.reject(new TypeError('fetch failed'));
        await world.turn(40 * MINUTE + 2000);
        equal(client.state, 'tokenExpired', 'state after an hour');
      }),
    );
    if (engine.isWorker) continue;
    test(
      `${what}: the renewal comes by itself between half and nine tenths of the service’s time`,
      within(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        await world.turn(LIFETIME * 0.9);
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
    within(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      world.service.faults.add({ clockSkewMs: 10 * DAY, times: Infinity });
      const client = await world.signedIn();
      const token = await world.token(client);
      ok(await world.honours(token), 'the token is good');
      ok(world.made() <= 2, `${world.made()} session requests`);
      for (let i = 0; i < 5; i += 1) {
        await world.turn(MINUTE);
        await world.token(client);
      }
      ok(world.made() <= 3, `no storm: ${world.made()} session requests`);
    }),
  );
};

const changed = (test, lib) => {
  for (const ms of [-400 * DAY, -5 * HOUR, 5 * HOUR, 400 * DAY]) {
    test(
      `a clock that is set by ${ms / HOUR} hours under way: still established, the same token, no new session`,
      within(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.set(ms);
        equal(client.state, 'established', 'what is read');
        equal([await world.token(client), client.state], [token, 'established'], 'token, state');
        await world.rest();
        equal(world.made(), 1, 'session requests');
        ok(verified(world) <= 1, 'verified at most once');
        await world.turn(MINUTE);
        equal(
          [await world.token(client), verified(world) <= 1],
          [token, true],
          'nor again a minute later',
        );
      }),
    );
    test(
      `a clock that is set by ${ms / HOUR} hours offline: nothing is given up`,
      within(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.offline();
        world.set(ms);
        await settled(() => client.accessToken());
        equal([client.state, client.userId], ['established', 'ada'], 'state, user');
        world.online();
        await world.turn(6 * MINUTE);
        await settled(() => client.accessToken());
        await world.rest();
        ok(
          client.state === 'established' && (await world.honours(await world.token(client))),
          'online again',
        );
        ok(world.made() <= 2 && typeof token === 'string', `${world.made()} session requests`);
      }),
    );
  }
  test(
    'sleep beyond the end of the session: found out at the next use, renewed by one request',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const token = await world.token(client);
      ok(await world.honours(token), 'the token is good');
      equal([world.made(), client.state], [2, 'established'], 'requests, state');
    }),
  );
  test(
    'sleep that ends before the session does: the same token, not renewed before its time',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.sleep(LIFETIME * 0.45);
      equal([await world.token(client), client.state], [token, 'established'], 'token, state');
      await world.rest();
      equal(world.made(), 1, 'requests');
    }),
  );
};

const suspected = (test, lib) => {
  /**
   * A client whose device believes that the stored session has long expired, which the service does
   * not.
   */
  const believing = async (world) => {
    const storage = ownStorage();
    const first = await world.signedIn({ storage });
    const token = await world.token(first);
    await first.close();
    world.set(400 * DAY);
    return { client: world.client({ storage }), token };
  };
  test(
    'a stored session that seems to have expired is verified before it is called so',
    within(lib, {}, async (world) => {
      const { client, token } = await believing(world);
      await fine(() => client.resume());
      equal(
        [await world.token(client), client.state, world.made()],
        [token, 'established', 1],
        'token, state, session requests',
      );
      equal(verified(world), 1, 'verified');
    }),
  );
  test(
    'and if that fails, it is no reason to sign anyone out',
    within(lib, {}, async (world) => {
      const { client, token } = await believing(world);
      world.offline();
      await fine(() => client.resume());
      await settled(() => client.accessToken());
      ok(
        client.state !== 'notLoggedIn' && client.state !== 'terminated' && client.userId === 'ada',
        `state: ${client.state}`,
      );
      world.online();
      await world.turn(6 * MINUTE);
      await settled(() => client.accessToken());
      await world.rest();
      equal(client.state, 'established', 'online again');
      ok(
        typeof token === 'string' && (await world.honours(await world.token(client))),
        'with a good token',
      );
    }),
  );
  test(
    'a stored session that seems good and is not: one replay, one renewal',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const first = await world.signedIn({ storage });
      await first.close();
      world.service.clock.advance(LIFETIME + DAY);
      const client = world.client({ storage });
      await fine(() => client.resume());
      const response = await fine(() => client.fetch('/api/v3/network-settings/chat'));
      equal([response.status, world.made()], [200, 2], 'status, session requests');
    }),
  );
  test(
    'a session that the service ended is not verified for ever',
    within(lib, {}, async (world) => {
      const { client, token: stored } = await believing(world);
      await world.revoke(stored);
      await fine(() => client.resume());
      await world.rest();
      const token = await world.token(client);
      await world.rest();
      ok(
        verified(world) <= 3 && world.made() === 2,
        `verified ${verified(world)} times, ${world.made()} session requests`,
      );
      ok(await world.honours(token), 'renewed');
    }),
  );
  test(
    'no session lasts longer than a timer: a year, and a service that says ten',
    within(lib, { accessTokenLifetimeMs: 3650 * DAY }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      await world.turn(2 * 365 * DAY);
      equal(
        [await world.token(client), client.state, world.made()],
        [token, 'established', 1],
        'token, state, requests',
      );
    }),
  );
  test(
    'a service that gives no dates: good for a day from its arrival',
    within(lib, {}, async (world) => {
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
      await world.turn(DAY * 0.4);
      await world.token(client);
      equal(world.made(), 1, 'requests before half of it');
    }),
  );
};

export default ({ test, lib, engine }) => {
  wrong(test, lib, engine);
  changed(test, lib);
  suspected(test, lib);
};

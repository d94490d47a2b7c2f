// Faults that users of comparable clients reported, each as a numbered scenario to survive. The
// lessons that need real tabs, a service worker or a separate process are in tests/tabs and
// session-node.mjs.
import { equal, ok, replaced, secret, settled, until } from './harness.mjs';
import { answer, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MINUTE,
  SESSIONS,
  SETTINGS,
  START,
  inWorld,
  uniqueNamespace,
} from './session-world.mjs';

/** Lessons that need clients that share a session, or background work. A worker has neither. */
const background = (test, lib) => {
  test(
    'lesson 1: two clients that renew at once do not end each other’s token',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client()];
      await resolves(() => clients[1].resume());
      for (let round = 1; round <= 3; round += 1) {
        world.sleep(LIFETIME + DAY);
        const tokens = await Promise.all(clients.map((client) => world.token(client)));
        for (const token of tokens)
          ok(await world.isTokenValid(token), `round ${round}: the service rejects a token`);
        equal(new Set(tokens).size, 1, `round ${round}: tokens`);
        equal(world.sessionRequestCount(), 1 + round, `round ${round}: requests`);
        const answers = await Promise.all(
          clients.map((client) => resolves(() => client.fetch(SETTINGS))),
        );
        equal(
          answers.map(({ status }) => status),
          [200, 200],
          `round ${round}: statuses`,
        );
      }
    }),
  );
  test(
    'lesson 12: a client that a hot reload left behind shares its device with the new one',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn()];
      for (let reload = 0; reload < 9; reload += 1) {
        const next = world.client();
        equal(await resolves(() => next.resume()), 'established', `reload ${reload}: resume`);
        equal(next.userId, 'ada', `reload ${reload}: userId`);
        await resolves(() => next.login({ userId: 'ada' }), 'repeated login');
        clients.push(next);
      }
      equal(world.sessionRequestCount(), 1, 'session requests');
      await world.advance(LIFETIME * 0.92);
      await until(
        () => clients.every(({ seen }) => seen.renewed.length === 1),
        'all clients to see the renewal',
      );
      equal(world.sessionRequestCount(), 2, 'session requests after the renewal');
      equal(
        new Set(await Promise.all(clients.map((client) => world.token(client)))).size,
        1,
        'tokens',
      );
      equal(
        clients.map(({ state }) => state),
        Array(10).fill('established'),
        'states',
      );
    }),
  );
  test(
    'lesson 4: an outage causes no storm of renewals',
    inWorld(lib, {}, async (world) => {
      const devices = await Promise.all(
        Array.from({ length: 12 }, () => world.signedIn({ namespace: uniqueNamespace() })),
      );
      const before = world.sessionRequestCount();
      world.service.faults.add({ status: 503, body: 'no', path: SESSIONS, times: Infinity });
      world.sleep(LIFETIME * 0.95);
      const requestAllTokens = () =>
        Promise.all(
          devices.flatMap((client) =>
            Array.from({ length: 20 }, () => settled(() => client.accessToken())),
          ),
        );
      await requestAllTokens();
      await until(
        () => devices.every(({ seen }) => seen.failed.length >= 1),
        'the first failure of each client',
      );
      ok(
        world.sessionRequestCount() - before <= devices.length,
        `${world.sessionRequestCount() - before} requests for ${devices.length} devices`,
      );
      const afterFirst = world.sessionRequestCount();
      for (let second = 0; second < 60; second += 1) {
        await world.advance(1000);
        if (second % 10 === 0) await requestAllTokens();
      }
      // Backoffs of 1, 2, 4, 8, 16, 32 seconds make six attempts in a minute, or a few more by
      // jitter.
      ok(
        world.sessionRequestCount() - afterFirst <= devices.length * 9,
        `${world.sessionRequestCount() - afterFirst} requests in a minute of outage`,
      );
      const moments = devices.map(({ seen }) => seen.failed.at(-1).nextAttemptAt.getTime());
      ok(new Set(moments).size >= devices.length / 2, 'the next attempts are not spread');
      world.online();
      const beforeRecovery = world.sessionRequestCount();
      await world.advanceUntil(
        async () => (await requestAllTokens(), devices.every(({ seen }) => seen.renewed.length)),
        MINUTE,
        10 * MINUTE,
        'all clients renewed',
      );
      ok(
        world.sessionRequestCount() - beforeRecovery <= devices.length,
        `${world.sessionRequestCount() - beforeRecovery} requests after the outage`,
      );
      equal(
        devices.map(({ state }) => state),
        Array(devices.length).fill('established'),
        'states',
      );
    }),
  );
};

const faults = (test, lib) => {
  test(
    'lesson 3: a failed renewal does not sign out a user whose token is still valid',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.respond = (url, init, path) =>
        path === SESSIONS && init.method === 'POST' ? answer('<html>', { status: 502 }) : undefined;
      world.sleep(LIFETIME * 0.95);
      for (let n = 1; n <= 10; n += 1) {
        equal(await world.token(client), token, `attempt ${n}: token`);
        equal(client.state, 'established', `attempt ${n}: state`);
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, `attempt ${n}: status`);
        await settled(() => client.renew());
        await world.advance(6 * MINUTE);
      }
      ok(client.seen.failed.length >= 10, 'the client stopped attempting to renew');
      equal(client.seen.states, ['establishing', 'established'], 'states');
    }),
  );
  test(
    'lesson 5: accessToken returns a valid token after sleep and without working timers',
    inWorld(lib, {}, async (world) => {
      const withoutTimers = { ...world.clock, setTimeout: () => 0, clearTimeout() {} };
      for (const clock of [world.clock, withoutTimers]) {
        const client = await world.signedIn({ clock, namespace: uniqueNamespace() });
        for (const days of [31, 90, 365]) {
          world.sleep(days * DAY);
          ok(
            await world.isTokenValid(await world.token(client)),
            `invalid token after ${days} days of sleep`,
          );
          equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'status');
        }
        // Time passes on every clock, and no timer fires, as in a throttled tab.
        if (clock === withoutTimers) await world.advance(LIFETIME + DAY);
        ok(
          await world.isTokenValid(await world.token(client)),
          'invalid token after a month without timers',
        );
        await client.close();
      }
    }),
  );
  test(
    'lesson 6: a clock that is wrong by hours causes no sign-out and no early renewal',
    inWorld(lib, { skewMs: 9 * HOUR, accessTokenLifetimeMs: 8 * HOUR }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(client.state, 'established', 'state');
      equal(client.expiresAt.getTime(), START + 8 * HOUR, 'expiresAt');
      await world.advance(3 * HOUR);
      world.shiftWallClock(-18 * HOUR);
      equal(await world.token(client), token, 'token after the clock was set back');
      equal(client.state, 'established', 'state after the clock was set back');
      await world.untilIdle();
      equal(world.sessionRequestCount(), 1, 'session requests');
      world.sleep(5 * HOUR);
      ok(
        await world.isTokenValid(await world.token(client)),
        'invalid token after the session’s end',
      );
      equal(client.state, 'established', 'state');
      ok(world.sessionRequestCount() <= 2, 'requests');
    }),
  );
};

const leaving = (test, lib, engine) => {
  test(
    'lesson 7: a renewal that arrives after a logout does not sign the user in again',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold({ afterHandling: true });
      const renewing = settled(() => client.renew());
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      await renewing;
      await world.advance(MINUTE);
      equal(client.state, 'notLoggedIn', 'state');
      equal(client.userId, undefined, 'user');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'resume');
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE,
        HOUR,
        'the late token being revoked',
      );
    }),
  );
  test(
    'lesson 8: an offline logout signs out at once and revokes the token once online',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.offline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      equal(client.state, 'notLoggedIn', 'state after the logout');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'resume after the logout');
      equal(await resolves(() => world.client().resume()), 'notLoggedIn', 'resume of a new client');
      world.online();
      if (!engine.isWorker)
        await world.advanceUntil(
          async () => !(await world.isTokenValid(token)),
          MINUTE,
          HOUR,
          'the token being revoked',
        );
    }),
  );
};

const surroundings = (test, lib, engine) => {
  test(
    'lesson 9: the client calls fetch without a receiver',
    inWorld(lib, {}, async (world) => {
      const receivers = [];
      const strictFetch = async function (...args) {
        receivers.push(this === undefined || this === globalThis ? 'none' : 'one');
        if (receivers.at(-1) === 'one') throw new TypeError('Illegal invocation');
        return world.fetch(...args);
      };
      const makeAllCalls = async (options) => {
        const client = await world.signedIn({ namespace: uniqueNamespace(), ...options });
        await resolves(() => client.renew());
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'status of client.fetch');
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
      };
      await makeAllCalls({ fetch: strictFetch });
      const before = receivers.length;
      await replaced(globalThis, 'fetch', strictFetch, () => makeAllCalls({ fetch: undefined }));
      ok(before >= 4, `the fetch option was called ${before} times`);
      equal(receivers.length, 2 * before, 'calls of both');
      ok(!receivers.includes('one'), 'fetch was called with a receiver');
    }),
  );
  // Browser clients of one namespace are one device by design, so there each user gets a namespace.
  test(
    'lesson 10: two users of one process never get each other’s token',
    inWorld(lib, {}, async (world) => {
      const users = Array.from({ length: 20 }, (_, n) => `user-${n}`);
      const chooseNamespace = globalThis.document === undefined ? () => undefined : uniqueNamespace;
      const serve = async (userId) => {
        const client = world.client({ namespace: chooseNamespace() });
        await resolves(() => client.login({ userId }));
        await resolves(() => client.renew());
        const token = secret(await resolves(() => client.accessToken()));
        const claims = JSON.parse(
          atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')),
        );
        return {
          client,
          userId,
          tokenUser: claims.user?.publicUserId ?? claims.user?.userId,
          token,
        };
      };
      const served = await Promise.all(users.map(serve));
      equal(
        served.map(({ client }) => client.userId),
        users,
        'user of each client',
      );
      equal(
        served.map(({ tokenUser }) => tokenUser),
        users,
        'user of each token',
      );
      equal(new Set(served.map(({ token }) => token)).size, users.length, 'tokens');
    }),
  );
  test(
    'lesson 11: storage that always throws costs persistence but not the session',
    inWorld(lib, {}, async (world) => {
      const names = ['localStorage', 'sessionStorage', 'indexedDB'];
      const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
      let accesses = 0;
      const get = () => {
        accesses += 1;
        throw new DOMException('The operation is insecure.', 'SecurityError');
      };
      const changed = before.filter(([, property]) => property?.configurable !== false);
      for (const [name] of changed)
        Object.defineProperty(globalThis, name, { configurable: true, get });
      try {
        for (const storage of ['memory', 'local', 'encrypted']) {
          const client = world.client({ storage, namespace: uniqueNamespace() });
          equal(
            await resolves(() => client.resume(), `${storage}: resume`),
            'notLoggedIn',
            'state',
          );
          await resolves(() => client.login({ userId: 'ada' }), `${storage}: login`);
          await resolves(() => client.renew(), `${storage}: renew`);
          ok(await world.isTokenValid(await world.token(client)), `${storage}: invalid token`);
          world.sleep(LIFETIME + DAY);
          ok(
            await world.isTokenValid(await world.token(client)),
            `${storage}: invalid token after the session’s end`,
          );
          equal(await resolves(() => client.logout()), { revoked: true }, `${storage}: logout`);
        }
      } finally {
        for (const [name, property] of changed) {
          if (property) Object.defineProperty(globalThis, name, property);
          else delete globalThis[name];
        }
      }
      ok(
        accesses > 0 || engine.isWorker || globalThis.document === undefined,
        'the client never accessed storage',
      );
    }),
  );
};

export default ({ test, lib, engine }) => {
  if (!engine.isWorker) background(test, lib);
  faults(test, lib);
  leaving(test, lib, engine);
  surroundings(test, lib, engine);
};

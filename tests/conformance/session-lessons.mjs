// Tests the lessons: faults that users of comparable clients reported, each as a numbered scenario
// that this client must survive. The lessons that need real tabs, a service worker or a separate
// process are in tests/tabs and session-node.mjs.
import { equal, ok, withReplaced, registerSecret, getOutcome, waitUntil } from './harness.mjs';
import { createResponse, resolves } from './helpers.mjs';
import {
  DAY_MS,
  HOUR_MS,
  LIFETIME_MS,
  MINUTE_MS,
  SESSIONS,
  SETTINGS,
  START_MS,
  withWorld,
  createNamespace,
} from './session-world.mjs';

/** Tests the lessons that need background work or shared sessions. Edge workers support neither. */
const testBackgroundWork = (test, lib) => {
  test(
    'lesson 1: two clients that renew at the same time do not end each other’s session',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn(), world.createClient()];
      await resolves(() => clients[1].resume());
      for (let round = 1; round <= 3; round += 1) {
        world.sleep(LIFETIME_MS + DAY_MS);
        const tokens = await Promise.all(clients.map((client) => world.getToken(client)));
        for (const token of tokens)
          ok(await world.isTokenValid(token), `round ${round}: the service rejects a token`);
        equal(new Set(tokens).size, 1, `round ${round}: distinct tokens`);
        equal(world.countSessionRequests(), 1 + round, `round ${round}: requests`);
        const responses = await Promise.all(
          clients.map((client) => resolves(() => client.fetch(SETTINGS))),
        );
        equal(
          responses.map(({ status }) => status),
          [200, 200],
          `round ${round}: statuses`,
        );
      }
    }),
  );
  test(
    'lesson 12: a client that a hot reload left behind shares its device with the new client',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn()];
      for (let reload = 0; reload < 9; reload += 1) {
        const next = world.createClient();
        equal(await resolves(() => next.resume()), 'established', `reload ${reload}: resume`);
        equal(next.userId, 'ada', `reload ${reload}: userId`);
        await resolves(() => next.login({ userId: 'ada' }), 'repeated login');
        clients.push(next);
      }
      equal(world.countSessionRequests(), 1, 'session requests');
      await world.advance(LIFETIME_MS * 0.92);
      await waitUntil(
        () => clients.every(({ seen }) => seen.renewed.length === 1),
        'the renewed event of all clients',
      );
      equal(world.countSessionRequests(), 2, 'session requests after the renewal');
      equal(
        new Set(await Promise.all(clients.map((client) => world.getToken(client)))).size,
        1,
        'distinct tokens',
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
    withWorld(lib, {}, async (world) => {
      const devices = await Promise.all(
        Array.from({ length: 12 }, () => world.signIn({ namespace: createNamespace() })),
      );
      const before = world.countSessionRequests();
      world.service.faults.add({ status: 503, body: 'no', path: SESSIONS, times: Infinity });
      world.sleep(LIFETIME_MS * 0.95);
      const requestAllTokens = () =>
        Promise.all(
          devices.flatMap((client) =>
            Array.from({ length: 20 }, () => getOutcome(() => client.accessToken())),
          ),
        );
      await requestAllTokens();
      await waitUntil(
        () => devices.every(({ seen }) => seen.failed.length >= 1),
        'the first failure of each client',
      );
      ok(
        world.countSessionRequests() - before <= devices.length,
        `${world.countSessionRequests() - before} requests for ${devices.length} devices`,
      );
      const afterFirst = world.countSessionRequests();
      for (let second = 0; second < 60; second += 1) {
        await world.advance(1000);
        if (second % 10 === 0) await requestAllTokens();
      }
      // With backoffs of 1, 2, 4, 8 and 16 seconds, each device makes five more attempts in a
      // minute. Jitter shortens the backoffs, so there can be a few more.
      ok(
        world.countSessionRequests() - afterFirst <= devices.length * 9,
        `${world.countSessionRequests() - afterFirst} requests in a minute of outage`,
      );
      const moments = devices.map(({ seen }) => seen.failed.at(-1).nextAttemptAt.getTime());
      ok(new Set(moments).size >= devices.length / 2, 'the next attempts are not spread over time');
      world.goOnline();
      const beforeRecovery = world.countSessionRequests();
      await world.advanceUntil(
        async () => (await requestAllTokens(), devices.every(({ seen }) => seen.renewed.length)),
        MINUTE_MS,
        10 * MINUTE_MS,
        'all clients having renewed',
      );
      ok(
        world.countSessionRequests() - beforeRecovery <= devices.length,
        `${world.countSessionRequests() - beforeRecovery} requests after the outage`,
      );
      equal(
        devices.map(({ state }) => state),
        Array(devices.length).fill('established'),
        'states',
      );
    }),
  );
};

const testFaults = (test, lib) => {
  test(
    'lesson 3: a failed renewal does not sign out a user whose token is still valid',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      world.respond = (url, init, path) =>
        path === SESSIONS && init.method === 'POST'
          ? createResponse('<html>', { status: 502 })
          : undefined;
      world.sleep(LIFETIME_MS * 0.95);
      for (let n = 1; n <= 10; n += 1) {
        equal(await world.getToken(client), token, `attempt ${n}: token`);
        equal(client.state, 'established', `attempt ${n}: state`);
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, `attempt ${n}: status`);
        await getOutcome(() => client.renew());
        await world.advance(6 * MINUTE_MS);
      }
      ok(client.seen.failed.length >= 10, 'the client stopped trying to renew');
      equal(client.seen.states, ['establishing', 'established'], 'states');
    }),
  );
  test(
    'lesson 5: accessToken returns a valid token after sleep, even if no timer fires',
    withWorld(lib, {}, async (world) => {
      const withoutTimers = { ...world.clock, setTimeout: () => 0, clearTimeout() {} };
      for (const clock of [world.clock, withoutTimers]) {
        const client = await world.signIn({ clock, namespace: createNamespace() });
        for (const days of [31, 90, 365]) {
          world.sleep(days * DAY_MS);
          ok(
            await world.isTokenValid(await world.getToken(client)),
            `invalid token after ${days} days of sleep`,
          );
          equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'status');
        }
        // Time passes on every clock, and no timer fires, as in a throttled tab.
        if (clock === withoutTimers) {
          await world.advance(LIFETIME_MS + DAY_MS);
          ok(
            await world.isTokenValid(await world.getToken(client)),
            'invalid token after a month without timers',
          );
        }
        await client.close();
      }
    }),
  );
  test(
    'lesson 6: a clock that is wrong by hours causes no sign-out and no early renewal',
    withWorld(lib, { skewMs: 9 * HOUR_MS, accessTokenLifetimeMs: 8 * HOUR_MS }, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      equal(client.state, 'established', 'state');
      equal(client.expiresAt.getTime(), START_MS + 8 * HOUR_MS, 'expiresAt');
      await world.advance(3 * HOUR_MS);
      world.shiftWallClock(-18 * HOUR_MS);
      equal(await world.getToken(client), token, 'token after the clock was set back');
      equal(client.state, 'established', 'state after the clock was set back');
      await world.waitUntilIdle();
      equal(world.countSessionRequests(), 1, 'session requests');
      world.sleep(5 * HOUR_MS);
      ok(
        await world.isTokenValid(await world.getToken(client)),
        'invalid token after the session’s end',
      );
      equal(client.state, 'established', 'state');
      ok(world.countSessionRequests() <= 2, `${world.countSessionRequests()} session requests`);
    }),
  );
};

const testLogouts = (test, lib, engine) => {
  test(
    'lesson 7: a renewal that arrives after a logout does not sign the user in again',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const held = world.hold({ afterHandling: true });
      const renewing = getOutcome(() => client.renew());
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      await renewing;
      await world.advance(MINUTE_MS);
      equal(client.state, 'notLoggedIn', 'state');
      equal(client.userId, undefined, 'user');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'resume');
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE_MS,
        HOUR_MS,
        'the late token being revoked',
      );
    }),
  );
  test(
    'lesson 8: an offline logout signs out immediately and revokes the token once online',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      world.goOffline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      equal(client.state, 'notLoggedIn', 'state after the logout');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'resume after the logout');
      equal(
        await resolves(() => world.createClient().resume()),
        'notLoggedIn',
        'resume of a new client',
      );
      world.goOnline();
      if (!engine.isWorker)
        await world.advanceUntil(
          async () => !(await world.isTokenValid(token)),
          MINUTE_MS,
          HOUR_MS,
          'the token being revoked',
        );
    }),
  );
};

const testEnvironments = (test, lib, engine) => {
  test(
    'lesson 9: the client calls fetch without a receiver',
    withWorld(lib, {}, async (world) => {
      const receivers = [];
      const strictFetch = async function (...args) {
        receivers.push(this === undefined || this === globalThis ? 'none' : 'some');
        if (receivers.at(-1) === 'some') throw new TypeError('Illegal invocation');
        return world.fetch(...args);
      };
      const makeAllCalls = async (options) => {
        const client = await world.signIn({ namespace: createNamespace(), ...options });
        await resolves(() => client.renew());
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'status of client.fetch');
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
      };
      await makeAllCalls({ fetch: strictFetch });
      const optionCalls = receivers.length;
      await withReplaced(globalThis, 'fetch', strictFetch, () =>
        makeAllCalls({ fetch: undefined }),
      );
      ok(optionCalls >= 4, `the fetch option was called ${optionCalls} times`);
      equal(receivers.length, 2 * optionCalls, 'calls of the fetch option and of the global fetch');
      ok(!receivers.includes('some'), 'fetch was called with a receiver');
    }),
  );
  // In a page, all clients of one namespace are one device by design. So each user gets a namespace
  // of their own there.
  test(
    'lesson 10: the users of one process never get each other’s token',
    withWorld(lib, {}, async (world) => {
      const users = Array.from({ length: 20 }, (_, n) => `user-${n}`);
      const chooseNamespace = globalThis.document === undefined ? () => undefined : createNamespace;
      const serve = async (userId) => {
        const client = world.createClient({ namespace: chooseNamespace() });
        await resolves(() => client.login({ userId }));
        await resolves(() => client.renew());
        const token = registerSecret(await resolves(() => client.accessToken()));
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
      equal(new Set(served.map(({ token }) => token)).size, users.length, 'distinct tokens');
    }),
  );
  test(
    'lesson 11: storage that always throws does not end the session',
    withWorld(lib, {}, async (world) => {
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
          const client = world.createClient({ storage, namespace: createNamespace() });
          equal(
            await resolves(() => client.resume(), `${storage}: resume`),
            'notLoggedIn',
            'state',
          );
          await resolves(() => client.login({ userId: 'ada' }), `${storage}: login`);
          await resolves(() => client.renew(), `${storage}: renew`);
          ok(await world.isTokenValid(await world.getToken(client)), `${storage}: invalid token`);
          world.sleep(LIFETIME_MS + DAY_MS);
          ok(
            await world.isTokenValid(await world.getToken(client)),
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
  if (!engine.isWorker) testBackgroundWork(test, lib);
  testFaults(test, lib);
  testLogouts(test, lib, engine);
  testEnvironments(test, lib, engine);
};

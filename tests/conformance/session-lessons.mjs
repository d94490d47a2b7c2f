// The lessons that users of other clients paid for, each as a scenario to survive. Those that need
// real tabs, a service worker or a process of their own are in tests/tabs and in node.mjs, under
// their numbers.
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
  uniqueNamespace,
  inWorld,
} from './session-world.mjs';

/** What a worker does not have: clients that share, and work that nobody waits for. */
const background = (test, lib) => {
  test(
    'lesson 1: two that renew at once do not end each other’s token',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client()];
      await resolves(() => clients[1].resume());
      for (let round = 1; round <= 3; round += 1) {
        world.sleep(LIFETIME + DAY);
        const tokens = await Promise.all(clients.map((client) => world.token(client)));
        for (const token of tokens)
          ok(await world.isTokenValid(token), `round ${round}: a token was ended`);
        equal(
          [new Set(tokens).size, world.sessionRequestCount()],
          [1, 1 + round],
          `round ${round}: tokens, requests`,
        );
        const answers = await Promise.all(
          clients.map((client) => resolves(() => client.fetch(SETTINGS))),
        );
        equal(
          answers.map(({ status }) => status),
          [200, 200],
          `round ${round}: what both ask for`,
        );
      }
    }),
  );
  test(
    'lesson 12: a hot reload that leaves the old client behind makes no second device',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn()];
      for (let reload = 0; reload < 9; reload += 1) {
        const next = world.client();
        equal(
          [await resolves(() => next.resume()), next.userId],
          ['established', 'ada'],
          `reload ${reload}`,
        );
        await resolves(() => next.login({ userId: 'ada' }), 'the login that the page does again');
        clients.push(next);
      }
      equal(world.sessionRequestCount(), 1, 'session requests');
      await world.advance(LIFETIME * 0.92);
      await until(() => clients.every(({ seen }) => seen.renewed.length === 1), 'the renewal');
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
    'lesson 4: after an outage there is no storm of renewals',
    inWorld(lib, {}, async (world) => {
      const devices = await Promise.all(
        Array.from({ length: 12 }, () => world.signedIn({ namespace: uniqueNamespace() })),
      );
      const before = world.sessionRequestCount();
      world.service.faults.add({ status: 503, body: 'no', path: SESSIONS, times: Infinity });
      world.sleep(LIFETIME * 0.95);
      const all = () =>
        Promise.all(
          devices.flatMap((client) =>
            Array.from({ length: 20 }, () => settled(() => client.accessToken())),
          ),
        );
      await all();
      await until(() => devices.every(({ seen }) => seen.failed.length >= 1), 'the first failures');
      ok(
        world.sessionRequestCount() - before <= devices.length,
        `${world.sessionRequestCount() - before} requests for ${devices.length} devices`,
      );
      const from = world.sessionRequestCount();
      for (let second = 0; second < 60; second += 1) {
        await world.advance(1000);
        if (second % 10 === 0) await all();
      }
      // 1, 2, 4, 8, 16, 32 seconds: six tries in a minute, or a few more where the jitter is kind.
      ok(
        world.sessionRequestCount() - from <= devices.length * 9,
        `${world.sessionRequestCount() - from} requests in a minute of outage`,
      );
      const moments = devices.map(({ seen }) => seen.failed.at(-1).nextAttemptAt.getTime());
      ok(new Set(moments).size >= devices.length / 2, 'the next tries are spread');
      world.online();
      const back = world.sessionRequestCount();
      await world.advanceUntil(
        async () => (await all(), devices.every(({ seen }) => seen.renewed.length)),
        MINUTE,
        10 * MINUTE,
        'all to be renewed',
      );
      ok(
        world.sessionRequestCount() - back <= devices.length,
        `${world.sessionRequestCount() - back} requests once it is over`,
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
    'lesson 3: a renewal that fails signs nobody out whose token is still good',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.answer = (url, init, path) =>
        path === SESSIONS && init.method === 'POST' ? answer('<html>', { status: 502 }) : undefined;
      world.sleep(LIFETIME * 0.95);
      for (let n = 1; n <= 10; n += 1) {
        equal([await world.token(client), client.state], [token, 'established'], `try ${n}`);
        ok((await resolves(() => client.fetch(SETTINGS))).status === 200, 'and it works');
        await settled(() => client.renew());
        await world.advance(6 * MINUTE);
      }
      ok(client.seen.failed.length >= 10, 'the renewal was tried');
      equal(client.seen.states, ['establishing', 'established'], 'states');
    }),
  );
  test(
    'lesson 5: after sleep, and with timers that never ring, what is used is good',
    inWorld(lib, {}, async (world) => {
      const still = { ...world.clock, setTimeout: () => 0, clearTimeout() {} };
      for (const clock of [world.clock, still]) {
        const client = await world.signedIn({ clock, namespace: uniqueNamespace() });
        for (const days of [31, 90, 365]) {
          world.sleep(days * DAY);
          ok(
            await world.isTokenValid(await world.token(client)),
            `a token after ${days} days of sleep`,
          );
          equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'a request');
        }
        // Throttled: time passes on every clock, and no timer has rung.
        if (clock === still) await world.advance(LIFETIME + DAY);
        ok(
          await world.isTokenValid(await world.token(client)),
          'a token after a month without timers',
        );
        await client.close();
      }
    }),
  );
  test(
    'lesson 6: a device’s clock that is wrong by hours signs nobody out and renews nothing early',
    inWorld(lib, { skewMs: 9 * HOUR, accessTokenLifetimeMs: 8 * HOUR }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(
        [client.state, client.expiresAt.getTime()],
        ['established', START + 8 * HOUR],
        'state, expiresAt',
      );
      await world.advance(3 * HOUR);
      world.shiftWallClock(-18 * HOUR);
      equal(
        [await world.token(client), client.state],
        [token, 'established'],
        'set back under way',
      );
      await world.untilIdle();
      equal(world.sessionRequestCount(), 1, 'session requests');
      world.sleep(5 * HOUR);
      ok(await world.isTokenValid(await world.token(client)), 'after the real end');
      equal(
        [client.state, world.sessionRequestCount() <= 2],
        ['established', true],
        'state, requests',
      );
    }),
  );
};

const leaving = (test, lib, engine) => {
  test(
    'lesson 7: a renewal that lands after a logout brings nobody back',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold({ answer: true });
      const renewing = settled(() => client.renew());
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      await renewing;
      await world.advance(MINUTE);
      equal([client.state, client.userId], ['notLoggedIn', undefined], 'state, user');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'resume');
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE,
        HOUR,
        'the end of the token that came late',
      );
    }),
  );
  test(
    'lesson 8: a logout offline signs out, and the token ends once the service can be told',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.offline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      equal(
        [client.state, await resolves(() => client.resume())],
        ['notLoggedIn', 'notLoggedIn'],
        'states',
      );
      equal(
        await resolves(() => world.client().resume()),
        'notLoggedIn',
        'a client that comes after it',
      );
      world.online();
      if (!engine.isWorker)
        await world.advanceUntil(
          async () => !(await world.isTokenValid(token)),
          MINUTE,
          HOUR,
          'the revoke',
        );
    }),
  );
};

const surroundings = (test, lib, engine) => {
  test(
    'lesson 9: fetch is called with nothing as its receiver, the global one too',
    inWorld(lib, {}, async (world) => {
      const receivers = [];
      const picky = async function (...given) {
        receivers.push(this === undefined || this === globalThis ? 'none' : 'one');
        if (receivers.at(-1) === 'one') throw new TypeError('Illegal invocation');
        return world.fetch(...given);
      };
      const all = async (options) => {
        const client = await world.signedIn({ namespace: uniqueNamespace(), ...options });
        await resolves(() => client.renew());
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'fetch');
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
      };
      await all({ fetch: picky });
      const before = receivers.length;
      await replaced(globalThis, 'fetch', picky, () => all({ fetch: undefined }));
      ok(before >= 4 && receivers.length === 2 * before, `called ${receivers.length} times`);
      equal(receivers.includes('one'), false, 'receivers');
    }),
  );
  // In a browser clients of one namespace are one device by design.
  test(
    'lesson 10: two users of one process never get each other’s token',
    inWorld(lib, {}, async (world) => {
      const users = Array.from({ length: 20 }, (_, n) => `user-${n}`);
      const namespaced = globalThis.document === undefined ? () => undefined : uniqueNamespace;
      const serve = async (userId) => {
        const client = world.client({ namespace: namespaced() });
        await resolves(() => client.login({ userId }));
        await resolves(() => client.renew());
        const token = secret(await resolves(() => client.accessToken()));
        const claims = JSON.parse(
          atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')),
        );
        return { client, userId, told: claims.user?.publicUserId ?? claims.user?.userId, token };
      };
      const served = await Promise.all(users.map(serve));
      equal(
        served.map(({ client }) => client.userId),
        users,
        'whom each client knows',
      );
      equal(
        served.map(({ told }) => told),
        users,
        'whose token each one has',
      );
      equal(new Set(served.map(({ token }) => token)).size, users.length, 'tokens');
    }),
  );
  test(
    'lesson 11: storage that throws at every touch costs persistence alone',
    inWorld(lib, {}, async (world) => {
      const names = ['localStorage', 'sessionStorage', 'indexedDB'];
      const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
      let touched = 0;
      const get = () => {
        touched += 1;
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
          ok(await world.isTokenValid(await world.token(client)), `${storage}: token`);
          world.sleep(LIFETIME + DAY);
          ok(
            await world.isTokenValid(await world.token(client)),
            `${storage}: token after the end`,
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
        touched > 0 || engine.isWorker || globalThis.document === undefined,
        'storage was never touched',
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

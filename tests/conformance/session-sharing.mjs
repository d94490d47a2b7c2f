// Several clients in one process: apart unless they ask to share, and then one device, with one
// session and one renewal.
import { equal, ok, settled, until } from './harness.mjs';
import { answer, rejects, resolves } from './helpers.mjs';
import { DAY, LIFETIME, uniqueNamespace, customStorage, inWorld } from './session-world.mjs';

const apart = (test, lib) => {
  test(
    'two namespaces never touch each other',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const [one, two] = [`${world.namespace}-a`, `${world.namespace}-b`];
      const ada = await world.signedIn({ storage, namespace: one });
      const grace = world.client({ storage, namespace: two });
      equal(await resolves(() => grace.resume()), 'notLoggedIn', 'what the other one stored');
      await resolves(() => grace.login({ userId: 'grace' }));
      ok((await ada.getDeviceId()) !== (await grace.getDeviceId()), 'devices');
      await resolves(() => ada.renew());
      await resolves(() => ada.logout());
      equal(
        [ada.state, grace.state, grace.userId],
        ['notLoggedIn', 'established', 'grace'],
        'states, user',
      );
      ok(await world.isTokenValid(await world.token(grace)), 'the other one’s token');
      equal(
        await resolves(() => world.client({ storage, namespace: two }).resume()),
        'established',
        'what is stored of it',
      );
    }),
  );
  test(
    'two apps, by address or API key, never meet in one namespace and storage',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const ada = await world.signedIn({ storage });
      const sent = [];
      const foreign = async (url) => (sent.push(url), answer({}, { status: 500 }));
      for (const other of [
        { endpoint: 'https://other.test' },
        { apiKey: 'another-key' },
        { endpoint: undefined, region: 'eu' },
      ]) {
        const client = world.client({ storage, fetch: foreign, ...other });
        equal(await resolves(() => client.resume()), 'notLoggedIn', Object.keys(other)[0]);
        ok((await client.getDeviceId()) !== (await ada.getDeviceId()), 'devices');
        await resolves(() => client.logout());
      }
      equal([ada.state, sent.length], ['established', 0], 'state, what the others sent');
    }),
  );
  test(
    'one app by two spellings of its address is one app',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      await (await world.signedIn({ storage, endpoint: 'https://emulator.test' })).close();
      for (const endpoint of [
        'https://emulator.test/',
        new URL('https://emulator.test'),
        'https://EMULATOR.test',
      ]) {
        equal(
          await resolves(() => world.client({ storage, endpoint }).resume()),
          'established',
          String(endpoint),
        );
      }
    }),
  );
  if (globalThis.document !== undefined) return;
  test(
    'on a server two clients without a namespace are two devices and two users',
    inWorld(lib, {}, async (world) => {
      const users = ['ada', 'grace', 'joan', 'mary'];
      const clients = await Promise.all(
        users.map((userId) => world.signedIn({ namespace: undefined }, { userId })),
      );
      equal(
        clients.map(({ userId }) => userId),
        users,
        'users',
      );
      equal(
        new Set(await Promise.all(clients.map((client) => client.getDeviceId()))).size,
        4,
        'devices',
      );
      await Promise.all(clients.map((client) => resolves(() => client.renew())));
      for (const client of clients)
        ok(await world.isTokenValid(await world.token(client)), 'each token is good');
      equal(
        await resolves(() => world.client({ namespace: undefined }).resume()),
        'notLoggedIn',
        'a further one',
      );
      await resolves(() => clients[0].logout());
      equal(
        clients.map(({ state }) => state),
        ['notLoggedIn', 'established', 'established', 'established'],
        'after one logout',
      );
    }),
  );
};

const together = (test, lib) => {
  test(
    'with a namespace they share: the session without a request, the device, one renewal, the logout',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client(), world.client()];
      const [first, second, third] = clients;
      equal(await resolves(() => second.resume()), 'established', 'resume');
      equal(
        (await resolves(() => third.login({ userId: 'ada' }))).userId,
        'ada',
        'login of the same user',
      );
      equal(world.sessionRequestCount(), 1, 'session requests');
      const tokens = async () =>
        new Set(await Promise.all(clients.map((client) => world.token(client)))).size;
      equal(
        [
          await tokens(),
          new Set(await Promise.all(clients.map((client) => client.getDeviceId()))).size,
        ],
        [1, 1],
        'tokens, devices',
      );
      await world.advance(1000);
      await resolves(() => second.renew());
      await until(() => clients.every(({ seen }) => seen.renewed.length === 1), 'the news');
      equal(
        clients.map(({ seen }) => seen.renewed[0].byThisTab),
        [false, true, false],
        'byThisTab',
      );
      equal([await tokens(), world.sessionRequestCount()], [1, 2], 'tokens, requests');
      world.sleep(LIFETIME + DAY);
      equal(await tokens(), 1, 'tokens after the end');
      equal(world.sessionRequestCount(), 3, 'one renewal for all');
      await resolves(() => third.logout());
      await until(() => clients.every(({ state }) => state === 'notLoggedIn'), 'the logout');
    }),
  );
  test(
    'a renewal in the very moment of the login: the later one of two that were issued at once',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client(), world.client()];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      await resolves(() => clients[1].renew());
      await until(() => clients.every(({ seen }) => seen.renewed.length >= 1), 'the news');
      await world.untilIdle();
      const tokens = await Promise.all(clients.map((client) => world.token(client)));
      equal([new Set(tokens).size, world.sessionRequestCount()], [1, 2], 'tokens, requests');
      ok(await world.isTokenValid(tokens[0]), 'it is good');
    }),
  );
  test(
    'another user in one is another user in all',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client()];
      await resolves(() => clients[1].resume());
      await resolves(() => clients[1].login({ userId: 'grace' }));
      await until(() => clients[0].userId === 'grace', 'the news');
      await world.untilIdle();
      equal(
        new Set(await Promise.all(clients.map((client) => world.token(client)))).size,
        1,
        'tokens',
      );
      equal(world.sessionRequestCount(), 2, 'requests');
    }),
  );
  test(
    'all ask at once for a token that has expired: one request, and every call settles',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), ...Array.from({ length: 7 }, () => world.client())];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      world.sleep(LIFETIME + DAY);
      const tokens = await Promise.all(
        clients.flatMap((client) => [world.token(client), world.token(client)]),
      );
      equal([new Set(tokens).size, world.sessionRequestCount()], [1, 2], 'tokens, requests');
      ok(await world.isTokenValid(tokens[0]), 'it is good');
    }),
  );
  test(
    'one renews and is closed in the middle: another goes on, by at most one further request',
    inWorld(lib, {}, async (world) => {
      const [one, two] = [await world.signedIn(), world.client()];
      await resolves(() => two.resume());
      const held = world.hold({ answer: true });
      const pending = settled(() => one.renew());
      await held.arrived;
      await one.close();
      await pending;
      held.release();
      world.sleep(LIFETIME + DAY);
      let token;
      const asked = world.token(two).then((came) => (token = came));
      await world.advanceUntil(() => token, 1000, 120_000, 'a token');
      await asked;
      ok(await world.isTokenValid(token), 'it is good');
      ok(world.sessionRequestCount() <= 3, `${world.sessionRequestCount()} session requests`);
    }),
  );
  test(
    'a pause after a failure holds for all',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client(), world.client()];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      world.service.faults.add({
        status: 503,
        body: 'no',
        headers: { 'retry-after': '600' },
        path: '/api/v5/sessions',
        times: Infinity,
      });
      world.sleep(LIFETIME * 0.95);
      for (const client of clients) {
        await settled(() => client.accessToken());
        await world.untilIdle();
      }
      equal(world.sessionRequestCount(), 2, 'requests');
    }),
  );
  test(
    'what one ends for good is over for all',
    inWorld(lib, {}, async (world) => {
      const [one, two] = [await world.signedIn(), world.client()];
      await resolves(() => two.resume());
      world.service.banUser('ada');
      await settled(() => one.renew());
      equal(one.state, 'terminated', 'the one who found out');
      await world.untilIdle();
      await settled(() => two.accessToken());
      await until(() => two.state === 'terminated', 'the other one');
      equal(two.terminationReason, 'globalBan', 'reason');
      await rejects(() => two.accessToken(), 'terminated');
    }),
  );
};

export default ({ test, lib, engine }) => {
  apart(test, lib);
  if (!engine.isWorker) return together(test, lib);
  test(
    'on a worker clients of one namespace share nothing, and leave no timer',
    inWorld(lib, {}, async (world) => {
      const one = await world.signedIn({ namespace: uniqueNamespace() });
      equal(world.pending(), 0, 'timers');
      equal(await resolves(() => world.client().resume()), 'notLoggedIn', 'another one');
      await resolves(() => one.renew());
      equal(world.pending(), 0, 'timers after a renewal');
    }),
  );
};

// Tests several clients in one process. Clients with the same namespace share a device, a session
// and its renewals; clients with different namespaces share nothing.
import { equal, ok, settled, until } from './harness.mjs';
import { answer, rejects, resolves } from './helpers.mjs';
import { DAY, LIFETIME, customStorage, inWorld, uniqueNamespace } from './session-world.mjs';

const separateClients = (test, lib) => {
  test(
    'clients of two namespaces do not affect each other',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const [first, second] = [`${world.namespace}-a`, `${world.namespace}-b`];
      const ada = await world.signedIn({ storage, namespace: first });
      const grace = world.client({ storage, namespace: second });
      equal(await resolves(() => grace.resume()), 'notLoggedIn', 'state of the second client');
      await resolves(() => grace.login({ userId: 'grace' }));
      ok(
        (await ada.getDeviceId()) !== (await grace.getDeviceId()),
        'both clients have the same device id',
      );
      await resolves(() => ada.renew());
      await resolves(() => ada.logout());
      equal(ada.state, 'notLoggedIn', 'state of the client that signed out');
      equal(grace.state, 'established', 'state of the other client');
      equal(grace.userId, 'grace', 'user of the second client');
      ok(
        await world.isTokenValid(await world.token(grace)),
        'the token of the other client is invalid',
      );
      equal(
        await resolves(() => world.client({ storage, namespace: second }).resume()),
        'established',
        'state of a new client in the second namespace',
      );
    }),
  );
  test(
    'clients with different endpoints or API keys share no session, even in one namespace',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const ada = await world.signedIn({ storage });
      const sent = [];
      const foreignFetch = async (url) => (sent.push(url), answer({}, { status: 500 }));
      for (const other of [
        { endpoint: 'https://other.test' },
        { apiKey: 'another-key' },
        { endpoint: undefined, region: 'eu' },
      ]) {
        const client = world.client({ storage, fetch: foreignFetch, ...other });
        equal(await resolves(() => client.resume()), 'notLoggedIn', Object.keys(other)[0]);
        ok(
          (await client.getDeviceId()) !== (await ada.getDeviceId()),
          'both clients have the same device id',
        );
        await resolves(() => client.logout());
      }
      equal(ada.state, 'established', 'state');
      equal(sent.length, 0, 'requests of the other clients');
    }),
  );
  test(
    'equivalent spellings of an endpoint share the stored session',
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
    'on a server, each client without a namespace is a separate device',
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
        ok(await world.isTokenValid(await world.token(client)), 'the service rejects a token');
      equal(
        await resolves(() => world.client({ namespace: undefined }).resume()),
        'notLoggedIn',
        'state of another client',
      );
      await resolves(() => clients[0].logout());
      equal(
        clients.map(({ state }) => state),
        ['notLoggedIn', 'established', 'established', 'established'],
        'states after one logout',
      );
    }),
  );
};

const sharedNamespace = (test, lib) => {
  test(
    'clients of one namespace share the session, the device, renewals and the logout',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client(), world.client()];
      const [, second, third] = clients;
      equal(await resolves(() => second.resume()), 'established', 'resume');
      equal(
        (await resolves(() => third.login({ userId: 'ada' }))).userId,
        'ada',
        'user of the login',
      );
      equal(world.sessionRequestCount(), 1, 'session requests');
      const countTokens = async () =>
        new Set(await Promise.all(clients.map((client) => world.token(client)))).size;
      equal(await countTokens(), 1, 'distinct tokens');
      equal(
        new Set(await Promise.all(clients.map((client) => client.getDeviceId()))).size,
        1,
        'distinct devices',
      );
      await world.advance(1000);
      await resolves(() => second.renew());
      await until(
        () => clients.every(({ seen }) => seen.renewed.length === 1),
        'all clients to see the renewal',
      );
      equal(
        clients.map(({ seen }) => seen.renewed[0].byThisTab),
        [false, true, false],
        'byThisTab',
      );
      equal(await countTokens(), 1, 'distinct tokens after the renewal');
      equal(world.sessionRequestCount(), 2, 'session requests after the renewal');
      world.sleep(LIFETIME + DAY);
      equal(await countTokens(), 1, 'distinct tokens after the expiry');
      equal(world.sessionRequestCount(), 3, 'session requests after the expiry');
      await resolves(() => third.logout());
      await until(
        () => clients.every(({ state }) => state === 'notLoggedIn'),
        'all clients to sign out',
      );
    }),
  );
  test(
    'all clients use the later of two sessions that were issued in the same millisecond',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client(), world.client()];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      await resolves(() => clients[1].renew());
      await until(
        () => clients.every(({ seen }) => seen.renewed.length >= 1),
        'all clients to see the renewal',
      );
      await world.untilIdle();
      const tokens = await Promise.all(clients.map((client) => world.token(client)));
      equal(new Set(tokens).size, 1, 'distinct tokens');
      equal(world.sessionRequestCount(), 2, 'session requests');
      ok(await world.isTokenValid(tokens[0]), 'the service rejects the token');
    }),
  );
  test(
    'a login as another user applies to all clients of the namespace',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), world.client()];
      await resolves(() => clients[1].resume());
      await resolves(() => clients[1].login({ userId: 'grace' }));
      await until(() => clients[0].userId === 'grace', 'all clients to see the login');
      await world.untilIdle();
      equal(
        new Set(await Promise.all(clients.map((client) => world.token(client)))).size,
        1,
        'distinct tokens',
      );
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'concurrent calls of all clients share one renewal of an expired session',
    inWorld(lib, {}, async (world) => {
      const clients = [await world.signedIn(), ...Array.from({ length: 7 }, () => world.client())];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      world.sleep(LIFETIME + DAY);
      const tokens = await Promise.all(
        clients.flatMap((client) => [world.token(client), world.token(client)]),
      );
      equal(new Set(tokens).size, 1, 'distinct tokens');
      equal(world.sessionRequestCount(), 2, 'session requests');
      ok(await world.isTokenValid(tokens[0]), 'the service rejects the token');
    }),
  );
  test(
    'if a client closes during its renewal, another client renews with at most one more request',
    inWorld(lib, {}, async (world) => {
      const [first, second] = [await world.signedIn(), world.client()];
      await resolves(() => second.resume());
      const held = world.hold({ afterHandling: true });
      const pending = settled(() => first.renew());
      await held.arrived;
      await first.close();
      await pending;
      held.release();
      world.sleep(LIFETIME + DAY);
      let token;
      const pendingToken = world.token(second).then((value) => (token = value));
      await world.advanceUntil(() => token, 1000, 120_000, 'a token');
      await pendingToken;
      ok(await world.isTokenValid(token), 'the service rejects the token');
      ok(world.sessionRequestCount() <= 3, `${world.sessionRequestCount()} session requests`);
    }),
  );
  test(
    'all clients of a namespace wait for a Retry-After that one of them received',
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
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'a session that terminates in one client terminates in all clients of the namespace',
    inWorld(lib, {}, async (world) => {
      const [first, second] = [await world.signedIn(), world.client()];
      await resolves(() => second.resume());
      world.service.banUser('ada');
      await settled(() => first.renew());
      equal(first.state, 'terminated', 'state of the client that renewed');
      await world.untilIdle();
      await settled(() => second.accessToken());
      await until(() => second.state === 'terminated', 'the other client to terminate');
      equal(second.terminationReason, 'globalBan', 'terminationReason');
      await rejects(() => second.accessToken(), 'terminated');
    }),
  );
};

export default ({ test, lib, engine }) => {
  separateClients(test, lib);
  if (!engine.isWorker) return sharedNamespace(test, lib);
  test(
    'on a worker, clients share nothing and leave no timer',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn({ namespace: uniqueNamespace() });
      equal(world.pending(), 0, 'timers');
      equal(
        await resolves(() => world.client().resume()),
        'notLoggedIn',
        'state of another client',
      );
      await resolves(() => client.renew());
      equal(world.pending(), 0, 'timers after a renewal');
    }),
  );
};

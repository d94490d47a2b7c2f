// Tests several clients in one process. Clients with the same namespace, endpoint and API key share
// a device, a session and its renewals; other clients share nothing. On a worker, clients share
// only the content of a storage that the app provides.
import { equal, ok, getOutcome, waitUntil, withReplaced } from './harness.mjs';
import { createResponse, rejects, resolves } from './helpers.mjs';
import { DAY_MS, LIFETIME_MS, createStorage, withWorld } from './session-world.mjs';

/** Returns whether a script can hide `localStorage` from the code that reads it. */
const canHideLocalStorage = () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
  if (!before?.configurable) return false;
  Object.defineProperty(globalThis, 'localStorage', { value: undefined, configurable: true });
  const isHidden = globalThis.localStorage === undefined;
  Object.defineProperty(globalThis, 'localStorage', before);
  return isHidden;
};

const testSeparateClients = (test, lib) => {
  test(
    'clients of two namespaces do not affect each other',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const [first, second] = [`${world.namespace}-a`, `${world.namespace}-b`];
      const ada = await world.signIn({ storage, namespace: first });
      const grace = world.createClient({ storage, namespace: second });
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
        await world.isTokenValid(await world.getToken(grace)),
        'the token of the other client is invalid',
      );
      equal(
        await resolves(() => world.createClient({ storage, namespace: second }).resume()),
        'established',
        'state of a new client in the second namespace',
      );
    }),
  );
  test(
    'clients with different endpoints or API keys share no session, even in one namespace',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const ada = await world.signIn({ storage });
      const sent = [];
      const foreignFetch = async (url) => (sent.push(url), createResponse({}, { status: 500 }));
      for (const other of [
        { endpoint: 'https://other.test' },
        { apiKey: 'another-key' },
        { endpoint: undefined, region: 'eu' },
      ]) {
        const client = world.createClient({ storage, fetch: foreignFetch, ...other });
        equal(
          await resolves(() => client.resume()),
          'notLoggedIn',
          `state with another ${Object.keys(other)[0]}`,
        );
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
    'clients with equivalent spellings of an endpoint share the stored session',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      await (await world.signIn({ storage, endpoint: 'https://emulator.test' })).close();
      for (const endpoint of [
        'https://emulator.test/',
        new URL('https://emulator.test'),
        'https://EMULATOR.test',
      ]) {
        equal(
          await resolves(() => world.createClient({ storage, endpoint }).resume()),
          'established',
          `state with ${endpoint}`,
        );
      }
    }),
  );
  if (globalThis.document !== undefined) {
    if (!canHideLocalStorage()) return;
    test(
      'in a page without localStorage, each client of a namespace is a separate device',
      withWorld(lib, {}, (world) =>
        withReplaced(globalThis, 'localStorage', undefined, async () => {
          const [first, second] = [await world.signIn(), world.createClient()];
          equal(await resolves(() => second.resume()), 'notLoggedIn', 'state of the second client');
          ok(
            (await first.getDeviceId()) !== (await second.getDeviceId()),
            'both clients have the same device id',
          );
        }),
      ),
    );
    return;
  }
  for (const namespace of [undefined, null]) {
    test(
      `outside a page, each client with the namespace ${namespace} is a separate device`,
      withWorld(lib, {}, async (world) => {
        const users = ['ada', 'grace', 'joan', 'mary'];
        const clients = await Promise.all(
          users.map((userId) => world.signIn({ namespace }, { userId })),
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
          ok(await world.isTokenValid(await world.getToken(client)), 'the service rejects a token');
        equal(
          await resolves(() => world.createClient({ namespace }).resume()),
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
  }
};

const testSharedNamespace = (test, lib) => {
  test(
    'clients of one namespace share the session, the device, renewals and the logout',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn(), world.createClient(), world.createClient()];
      const [, second, third] = clients;
      equal(await resolves(() => second.resume()), 'established', 'resume');
      equal(
        (await resolves(() => third.login({ userId: 'ada' }))).userId,
        'ada',
        'user of the login',
      );
      equal(world.countSessionRequests(), 1, 'session requests');
      const countTokens = async () =>
        new Set(await Promise.all(clients.map((client) => world.getToken(client)))).size;
      equal(await countTokens(), 1, 'distinct tokens');
      equal(
        new Set(await Promise.all(clients.map((client) => client.getDeviceId()))).size,
        1,
        'distinct devices',
      );
      await world.advance(1000);
      await resolves(() => second.renew());
      await waitUntil(
        () => clients.every(({ seen }) => seen.renewed.length === 1),
        'the renewed event of all clients',
      );
      equal(
        clients.map(({ seen }) => seen.renewed[0].byThisTab),
        [false, true, false],
        'byThisTab',
      );
      equal(await countTokens(), 1, 'distinct tokens after the renewal');
      equal(world.countSessionRequests(), 2, 'session requests after the renewal');
      world.sleep(LIFETIME_MS + DAY_MS);
      equal(await countTokens(), 1, 'distinct tokens after the expiry');
      equal(world.countSessionRequests(), 3, 'session requests after the expiry');
      await resolves(() => third.logout());
      await waitUntil(
        () => clients.every(({ state }) => state === 'notLoggedIn'),
        'the logout of all clients',
      );
    }),
  );
  test(
    'all clients use the session of a renewal that follows the login immediately',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn(), world.createClient(), world.createClient()];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      await resolves(() => clients[1].renew());
      await waitUntil(
        () => clients.every(({ seen }) => seen.renewed.length >= 1),
        'the renewed event of all clients',
      );
      await world.waitUntilIdle();
      const tokens = await Promise.all(clients.map((client) => world.getToken(client)));
      equal(new Set(tokens).size, 1, 'distinct tokens');
      equal(world.countSessionRequests(), 2, 'session requests');
      ok(await world.isTokenValid(tokens[0]), 'the service rejects the token');
    }),
  );
  test(
    'a login as another user applies to all clients of the namespace',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn(), world.createClient()];
      await resolves(() => clients[1].resume());
      await resolves(() => clients[1].login({ userId: 'grace' }));
      await waitUntil(() => clients[0].userId === 'grace', 'the login in all clients');
      await world.waitUntilIdle();
      equal(
        new Set(await Promise.all(clients.map((client) => world.getToken(client)))).size,
        1,
        'distinct tokens',
      );
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'concurrent calls of all clients share one renewal of an expired session',
    withWorld(lib, {}, async (world) => {
      const clients = [
        await world.signIn(),
        ...Array.from({ length: 7 }, () => world.createClient()),
      ];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      world.sleep(LIFETIME_MS + DAY_MS);
      const tokens = await Promise.all(
        clients.flatMap((client) => [world.getToken(client), world.getToken(client)]),
      );
      equal(new Set(tokens).size, 1, 'distinct tokens');
      equal(world.countSessionRequests(), 2, 'session requests');
      ok(await world.isTokenValid(tokens[0]), 'the service rejects the token');
    }),
  );
  test(
    'if a client closes during its renewal, another client renews with at most one more request',
    withWorld(lib, {}, async (world) => {
      const [first, second] = [await world.signIn(), world.createClient()];
      await resolves(() => second.resume());
      const held = world.hold({ afterHandling: true });
      const pending = getOutcome(() => first.renew());
      await held.arrived;
      await first.close();
      await pending;
      held.release();
      world.sleep(LIFETIME_MS + DAY_MS);
      let token;
      const pendingToken = world.getToken(second).then((value) => (token = value));
      await world.advanceUntil(() => token, 1000, 120_000, 'a token');
      await pendingToken;
      ok(await world.isTokenValid(token), 'the service rejects the token');
      ok(world.countSessionRequests() <= 3, `${world.countSessionRequests()} session requests`);
    }),
  );
  test(
    'all clients of a namespace wait for a Retry-After that one of them received',
    withWorld(lib, {}, async (world) => {
      const clients = [await world.signIn(), world.createClient(), world.createClient()];
      await Promise.all(clients.map((client) => resolves(() => client.resume())));
      world.service.faults.add({
        status: 503,
        body: 'no',
        headers: { 'retry-after': '600' },
        path: '/api/v5/sessions',
        times: Infinity,
      });
      world.sleep(LIFETIME_MS * 0.95);
      for (const client of clients) {
        await getOutcome(() => client.accessToken());
        await world.waitUntilIdle();
      }
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'a session that terminates in one client terminates in all clients of the namespace',
    withWorld(lib, {}, async (world) => {
      const [first, second] = [await world.signIn(), world.createClient()];
      await resolves(() => second.resume());
      world.service.banUser('ada');
      await getOutcome(() => first.renew());
      equal(first.state, 'terminated', 'state of the client that renewed');
      await world.waitUntilIdle();
      await getOutcome(() => second.accessToken());
      await waitUntil(
        () => second.state === 'terminated',
        'the state terminated in the other client',
      );
      equal(second.terminationReason, 'globalBan', 'terminationReason');
      await rejects(() => second.accessToken(), 'terminated');
    }),
  );
};

/**
 * A login waits for its auth token while the other client verifies the visitor's token, and the
 * service has banned the visitor. When the auth token arrives, the client both leaves the visitor's
 * session and requests the new one.
 */
const testCloseInListener = (test, lib) =>
  test(
    'a client that a listener closes sends no request for a session',
    withWorld(lib, { secureMode: false }, async (world) => {
      let giveToken;
      const authTokenFrom = () => new Promise((resolve) => (giveToken = resolve));
      const client = world.createClient({ authTokenFrom });
      const { userId } = await resolves(() => client.loginAsVisitor());
      const other = world.createClient();
      await resolves(() => other.resume());
      const login = getOutcome(() => client.login({ userId: 'ada' }));
      await waitUntil(() => giveToken, 'the request for the auth token');
      client.addEventListener('statechange', ({ detail }) => {
        if (detail.state === 'notLoggedIn') client.close();
      });
      world.service.banUser(userId);
      // The message to the first client takes a turn of the event loop, and the token does not.
      other.addEventListener('statechange', () => giveToken({ authToken: 'a' }));
      world.respond = (url, init, path) =>
        path === '/x' ? createResponse('no', { status: 401 }) : undefined;
      await getOutcome(() => other.fetch('/x'));
      equal(other.state, 'terminated', 'state of the other client');
      equal((await login).error?.kind, 'aborted', 'error of the login');
      await world.waitUntilIdle();
      equal(world.countSessionRequests(), 0, 'requests for a session of the user');
    }),
  );

export default ({ test, lib, engine }) => {
  testSeparateClients(test, lib);
  if (!engine.isWorker) {
    testCloseInListener(test, lib);
    return testSharedNamespace(test, lib);
  }
  test(
    'on a worker, clients with memory storage share nothing and set no timer',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      equal(world.countTimers(), 0, 'timers');
      equal(
        await resolves(() => world.createClient().resume()),
        'notLoggedIn',
        'state of another client',
      );
      await resolves(() => client.renew());
      equal(world.countTimers(), 0, 'timers after a renewal');
    }),
  );
};

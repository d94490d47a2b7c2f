// Tests when a session terminates: only after a definite response of the service (rule 10). Every
// other fault is transient.
import { equal, ok, getOutcome, waitUntil } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import { HOUR_MS, LIFETIME_MS, SESSIONS, withWorld, createNamespace } from './session-world.mjs';

const createServiceError = (code, status, message = 'Unauthorized') =>
  createResponse({ status: 'error', code, message }, { status });

/** Asserts that the client's session has terminated, and that only a logout ends that state. */
const assertTerminated = async (client, reason) => {
  equal(client.state, 'terminated', 'state');
  equal(client.terminationReason, reason, 'terminationReason');
  equal(client.seen.reasons, [reason], 'reasons of the events');
  for (const call of [
    () => client.accessToken(),
    () => client.renew(),
    () => client.fetch('/x'),
    () => client.login({ userId: 'ada' }),
    () => client.loginAsVisitor(),
  ]) {
    await rejects(call, 'terminated', String(call));
  }
  await resolves(() => client.logout(), 'logout');
  equal(client.state, 'notLoggedIn', 'state after the logout');
  equal(client.terminationReason, undefined, 'terminationReason after the logout');
  equal(client.userId, undefined, 'userId after the logout');
};

/** Creates a responder that changes the user of each new session. */
const createUserChanger = (world, changes) => async (url, init, path) => {
  if (path !== SESSIONS || init.method !== 'POST') return undefined;
  const body = await (await world.service.fetch(url, init)).json();
  return createResponse({ ...body, users: body.users.map((user) => ({ ...user, ...changes })) });
};

/** Creates a responder that refuses each new session with this error. */
const createRefusal = (code, status) => (url, init, path) =>
  path === SESSIONS && init.method === 'POST' ? createServiceError(code, status) : undefined;

const testDefiniteErrors = (test, lib) => {
  const causes = {
    'a 400312 for a banned user': ['globalBan', (world) => world.service.banUser('ada')],
    'isGlobalBan on the user': [
      'globalBan',
      (world) => (world.respond = createUserChanger(world, { isGlobalBan: true })),
    ],
    'a request for a deleted user': ['userDeleted', (world) => world.service.deleteUser('ada')],
    'isDeleted on the user': [
      'userDeleted',
      (world) => (world.respond = createUserChanger(world, { isDeleted: true })),
    ],
    'a 400100 in response to a request without an auth token': [
      'unauthorized',
      (world) => (world.respond = createRefusal(400100, 401)),
    ],
    'a 400100 with status 403 instead of 401': [
      'unauthorized',
      (world) => (world.respond = createRefusal(400100, 403)),
    ],
  };
  for (const [what, [reason, trigger]] of Object.entries(causes)) {
    test(
      `${what} terminates the session`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        await trigger(world);
        await rejects(() => client.renew(), ['terminated', 'banned', 'notFound', 'unauthorized']);
        await waitUntil(() => client.state === 'terminated', 'the state terminated');
        world.respond = undefined;
        await assertTerminated(client, reason);
      }),
    );
  }
  test(
    'a pending accessToken call rejects when the session terminates',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.service.banUser('ada');
      world.sleep(LIFETIME_MS + HOUR_MS);
      await rejects(() => client.accessToken(), ['terminated', 'banned']);
      await assertTerminated(client, 'globalBan');
    }),
  );
  test(
    'after a logout, an unbanned user can sign in again',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.service.banUser('ada');
      await getOutcome(() => client.renew());
      equal(client.state, 'terminated', 'state');
      world.service.unbanUser('ada');
      await resolves(() => client.logout());
      await resolves(() => client.login({ userId: 'ada' }), 'login after the logout');
    }),
  );
};

const testRefusedAuthTokens = (test, lib) => {
  test(
    'a 400100 terminates the session only if a second auth token gets a 400100 too',
    withWorld(lib, { secureMode: true }, async (world) => {
      let invalidTokens = 0;
      let calls = 0;
      const authTokenFrom = ({ userId }) => {
        calls += 1;
        return invalidTokens-- > 0 ? 'an-unknown-auth-token' : world.mint(userId);
      };
      const client = await world.signIn({ authTokenFrom });
      invalidTokens = 1;
      await resolves(() => client.renew());
      equal(client.state, 'established', 'state');
      equal(calls, 3, 'calls of authTokenFrom after the second auth token succeeded');
      equal(world.countSessionRequests(), 3, 'requests');
      invalidTokens = 2;
      await rejects(() => client.renew(), ['terminated', 'unauthorized']);
      equal(calls, 5, 'calls of authTokenFrom after both auth tokens failed');
      equal(world.countSessionRequests(), 5, 'requests');
      await assertTerminated(client, 'unauthorized');
    }),
  );
  test(
    'a 400100 does not terminate the session if the client gets no second auth token',
    withWorld(lib, { secureMode: true }, async (world) => {
      const sources = [
        () => world.mint('ada'),
        async () => 'an-unknown-auth-token',
        async () => Promise.reject(new Error(CANARY)),
      ];
      const client = await world.signIn({
        authTokenFrom: () => (sources.shift() ?? (() => world.mint('ada')))(),
      });
      await getOutcome(() => client.renew());
      equal(client.state, 'established', 'state');
      equal(client.terminationReason, undefined, 'terminationReason');
      ok(await world.isTokenValid(await world.getToken(client)), 'the service rejects the token');
    }),
  );
  test(
    'a ban terminates the session without a second auth token',
    withWorld(lib, { secureMode: true }, async (world) => {
      let calls = 0;
      const client = await world.signIn({
        authTokenFrom: ({ userId }) => ((calls += 1), world.mint(userId)),
      });
      world.service.banUser('ada');
      await getOutcome(() => client.renew());
      equal(client.state, 'terminated', 'state');
      equal(client.terminationReason, 'globalBan', 'reason');
      equal(calls, 2, 'calls of authTokenFrom');
    }),
  );
};

const testTransientFaults = (test, lib) => {
  const createHtml = (status) =>
    createResponse(`<!doctype html>${CANARY}`, {
      status,
      headers: { 'content-type': 'text/html' },
    });
  const faults = {
    'a 401 with the HTML page of a proxy': () => createHtml(401),
    'a 403 with an HTML page': () => createHtml(403),
    'a 404 with an HTML page': () => createHtml(404),
    'a 200 with the HTML page of a Wi-Fi portal': () => createHtml(200),
    'a 401 with foreign JSON': () => createResponse({ error: CANARY }, { status: 401 }),
    'an empty 401': () => createResponse('', { status: 401 }),
    'a redirect': () =>
      createResponse('', { status: 302, headers: { location: `https://${CANARY}.example` } }),
    'an opaque redirect': () => ({
      status: 0,
      headers: new Headers(),
      body: null,
      text: async () => '',
    }),
    'a 500 with 500000': () => createServiceError(500000, 500),
    'a 422 with 500000': () => createServiceError(500000, 422),
    'a 502': () => createHtml(502),
    'a 429': () => createServiceError(400311, 429),
    'a 400000': () => createServiceError(400000, 400),
    'a 400300 because secure mode was switched on': () => createServiceError(400300, 403),
    // In response to a verification, the same error would mean that the user is deleted.
    'a 400400 in response to the session request': ({ method }) =>
      method === 'POST' ? createServiceError(400400, 404, 'Path not found') : undefined,
    'a body that is not JSON': () => createResponse(CANARY),
    'the body null': () => createResponse('null'),
    'a session of another user': () =>
      createResponse({
        accessToken: CANARY,
        issuedAt: '2026-01-20T00:00:00.000Z',
        expiresAt: '2026-03-20T00:00:00.000Z',
        users: [{ userId: 'eve', createdAt: '', updatedAt: '' }],
        files: [],
      }),
    'a session without a token': () => createResponse({ users: [{ userId: 'ada' }] }),
    'a network failure': () => Promise.reject(new TypeError(CANARY)),
    'a fetch that returns no response': () => 42,
  };
  for (const [what, respond] of Object.entries(faults)) {
    test(
      `${what} does not sign the user out`,
      withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
        const client = await world.signIn();
        const token = await world.getToken(client);
        // The fault lasts until after the token has expired. Except for the 400400, it also affects
        // verifications.
        world.respond = (url, init, path) =>
          path.startsWith('/api/v3/network') ? undefined : respond(init);
        await getOutcome(() => client.renew());
        equal(client.state, 'established', 'state before the expiry');
        equal(client.userId, 'ada', 'user before the expiry');
        equal(await world.getToken(client), token, 'token before the expiry');
        await world.advance(HOUR_MS);
        ok(
          (await getOutcome(() => client.accessToken())).error !== undefined,
          'accessToken resolved although the token has expired',
        );
        equal(client.state, 'tokenExpired', 'state after the expiry');
        equal(client.userId, 'ada', 'user after the expiry');
        equal(client.seen.reasons, [], 'termination reasons');
        world.respond = undefined;
        await world.advance(HOUR_MS);
        ok(
          await world.isTokenValid(await world.getToken(client)),
          'the token is invalid after the fault',
        );
        equal(client.state, 'established', 'state after the fault');
        equal(client.userId, 'ada', 'user after the fault');
      }),
    );
  }
  test(
    'a visitor’s renewal that returns another user is discarded',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient({ namespace: createNamespace() });
      const { userId } = await resolves(() => client.loginAsVisitor());
      world.respond = async (url, init, path) => {
        if (path !== `${SESSIONS}/visitor`) return undefined;
        const body = await (await world.service.fetch(url, init)).json();
        return createResponse({
          ...body,
          users: [{ ...body.users[0], userId: 'another visitor' }],
        });
      };
      await getOutcome(() => client.renew());
      equal(client.userId, userId, 'userId');
      equal(client.user.userId, userId, 'user.userId');
    }),
  );
};

export default ({ test, lib }) => {
  testDefiniteErrors(test, lib);
  testRefusedAuthTokens(test, lib);
  testTransientFaults(test, lib);
};

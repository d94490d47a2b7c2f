// When a session terminates: only on a definite error of the service. Every other fault is
// transient.
import { equal, ok, settled, until } from './harness.mjs';
import { CANARY, answer, rejects, resolves } from './helpers.mjs';
import { HOUR, LIFETIME, SESSIONS, inWorld, uniqueNamespace } from './session-world.mjs';

const serviceError = (code, status, message = 'Unauthorized') =>
  answer({ status: 'error', code, message }, { status });

/** Asserts that the client's session has terminated and that only a logout leaves that state. */
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

/** Returns a responder that changes the user of each new session. */
const sessionWithUser = (world, changes) => async (url, init, path) => {
  if (path !== SESSIONS || init.method !== 'POST') return undefined;
  const body = await (await world.service.fetch(url, init)).json();
  return answer({ ...body, users: body.users.map((user) => ({ ...user, ...changes })) });
};

/** Returns a responder that refuses each new session with this error. */
const refusal = (code, status) => (url, init, path) =>
  path === SESSIONS && init.method === 'POST' ? serviceError(code, status) : undefined;

const definiteErrors = (test, lib) => {
  const causes = {
    'a 400312 for a banned user': ['globalBan', (world) => world.service.banUser('ada')],
    'isGlobalBan on the user': [
      'globalBan',
      (world) => (world.respond = sessionWithUser(world, { isGlobalBan: true })),
    ],
    'a request for a deleted user': ['userDeleted', (world) => world.service.deleteUser('ada')],
    'isDeleted on the user': [
      'userDeleted',
      (world) => (world.respond = sessionWithUser(world, { isDeleted: true })),
    ],
    'a 400100 to a request without an auth token': [
      'unauthorized',
      (world) => (world.respond = refusal(400100, 401)),
    ],
    'a 400100 with another status': [
      'unauthorized',
      (world) => (world.respond = refusal(400100, 403)),
    ],
  };
  for (const [what, [reason, trigger]] of Object.entries(causes)) {
    test(
      `${what} terminates the session`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        await trigger(world);
        await rejects(() => client.renew(), ['terminated', 'banned', 'notFound', 'unauthorized']);
        await until(() => client.state === 'terminated', 'the state terminated');
        world.respond = undefined;
        await assertTerminated(client, reason);
      }),
    );
  }
  test(
    'a pending accessToken call rejects when the session terminates',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.service.banUser('ada');
      world.sleep(LIFETIME + HOUR);
      await rejects(() => client.accessToken(), ['terminated', 'banned']);
      await assertTerminated(client, 'globalBan');
    }),
  );
  test(
    'after a logout an unbanned user can sign in again',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.service.banUser('ada');
      await settled(() => client.renew());
      equal(client.state, 'terminated', 'state');
      world.service.unbanUser('ada');
      await resolves(() => client.logout());
      await resolves(() => client.login({ userId: 'ada' }), 'login after the logout');
    }),
  );
};

const refusedAuthTokens = (test, lib) => {
  test(
    'a 400100 to an auth token terminates only if a second auth token gets one too',
    inWorld(lib, { secureMode: true }, async (world) => {
      let invalidTokens = 0;
      let calls = 0;
      const authTokenFrom = ({ userId }) => {
        calls += 1;
        return invalidTokens-- > 0 ? 'an-unknown-auth-token' : world.mint(userId);
      };
      const client = await world.signedIn({ authTokenFrom });
      invalidTokens = 1;
      await resolves(() => client.renew());
      equal(client.state, 'established', 'state');
      equal(calls, 3, 'auth tokens after the second one succeeded');
      equal(world.sessionRequestCount(), 3, 'requests');
      invalidTokens = 2;
      await rejects(() => client.renew(), ['terminated', 'unauthorized']);
      equal(calls, 5, 'auth tokens after both failed');
      equal(world.sessionRequestCount(), 5, 'requests');
      await assertTerminated(client, 'unauthorized');
    }),
  );
  test(
    'a 400100 does not terminate if no second auth token can be fetched',
    inWorld(lib, { secureMode: true }, async (world) => {
      const sources = [
        () => world.mint('ada'),
        async () => 'an-unknown-auth-token',
        async () => Promise.reject(new Error(CANARY)),
      ];
      const client = await world.signedIn({
        authTokenFrom: () => (sources.shift() ?? (() => world.mint('ada')))(),
      });
      await settled(() => client.renew());
      equal(client.state, 'established', 'state');
      equal(client.terminationReason, undefined, 'terminationReason');
      ok(await world.isTokenValid(await world.token(client)), 'the service rejects the token');
    }),
  );
  test(
    'a ban terminates at once, without a second auth token',
    inWorld(lib, { secureMode: true }, async (world) => {
      let calls = 0;
      const client = await world.signedIn({
        authTokenFrom: ({ userId }) => ((calls += 1), world.mint(userId)),
      });
      world.service.banUser('ada');
      await settled(() => client.renew());
      equal(client.state, 'terminated', 'state');
      equal(client.terminationReason, 'globalBan', 'reason');
      equal(calls, 2, 'auth tokens');
    }),
  );
};

const transientFaults = (test, lib) => {
  const html = (status) =>
    answer(`<!doctype html>${CANARY}`, { status, headers: { 'content-type': 'text/html' } });
  const faults = {
    'a 401 with an HTML page, as from a proxy': () => html(401),
    'a 403 with an HTML page': () => html(403),
    'a 404 with an HTML page': () => html(404),
    'a 200 with an HTML page, as from a Wi-Fi portal': () => html(200),
    'a 401 with foreign JSON': () => answer({ error: CANARY }, { status: 401 }),
    'an empty 401': () => answer('', { status: 401 }),
    'a redirect': () =>
      answer('', { status: 302, headers: { location: `https://${CANARY}.example` } }),
    'an opaque redirect': () => ({
      status: 0,
      headers: new Headers(),
      body: null,
      text: async () => '',
    }),
    'a 500 with 500000': () => serviceError(500000, 500),
    'a 422 with 500000': () => serviceError(500000, 422),
    'a 502': () => html(502),
    'a 429': () => serviceError(400311, 429),
    'a 400000': () => serviceError(400000, 400),
    'a 400300, as after secure mode was switched on': () => serviceError(400300, 403),
    // In response to a verification the same error would mean that the user is deleted.
    'a 400400 to the session request': ({ method }) =>
      method === 'POST' ? serviceError(400400, 404, 'Path not found') : undefined,
    'a body that is not JSON': () => answer(CANARY),
    'the body null': () => answer('null'),
    'a session of another user': () =>
      answer({
        accessToken: CANARY,
        issuedAt: '2026-01-20T00:00:00.000Z',
        expiresAt: '2026-03-20T00:00:00.000Z',
        users: [{ userId: 'eve', createdAt: '', updatedAt: '' }],
        files: [],
      }),
    'a session without a token': () => answer({ users: [{ userId: 'ada' }] }),
    'no network': () => Promise.reject(new TypeError(CANARY)),
    'a fetch that returns no response': () => 42,
  };
  for (const [what, respond] of Object.entries(faults)) {
    test(
      `${what} signs nobody out`,
      inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        // The fault also affects verifications, and it lasts beyond the session's end.
        world.respond = (url, init, path) =>
          path.startsWith('/api/v3/network') ? undefined : respond(init);
        await settled(() => client.renew());
        equal(client.state, 'established', 'state before the end');
        equal(client.userId, 'ada', 'user before the end');
        equal(await world.token(client), token, 'token before the end');
        await world.advance(HOUR);
        ok(
          (await settled(() => client.accessToken())).error !== undefined,
          'accessToken returned an expired token',
        );
        equal(client.state, 'tokenExpired', 'state after the end');
        equal(client.userId, 'ada', 'user after the end');
        equal(client.seen.reasons, [], 'termination reasons');
        world.respond = undefined;
        await world.advance(HOUR);
        ok(await world.isTokenValid(await world.token(client)), 'invalid token after the fault');
        equal(client.state, 'established', 'state after the fault');
        equal(client.userId, 'ada', 'user after the fault');
      }),
    );
  }
  test(
    'a visitor’s renewal that returns another user is discarded',
    inWorld(lib, {}, async (world) => {
      const client = world.client({ namespace: uniqueNamespace() });
      const { userId } = await resolves(() => client.loginAsVisitor());
      world.respond = async (url, init, path) => {
        if (path !== `${SESSIONS}/visitor`) return undefined;
        const body = await (await world.service.fetch(url, init)).json();
        return answer({ ...body, users: [{ ...body.users[0], userId: 'another visitor' }] });
      };
      await settled(() => client.renew());
      equal(client.userId, userId, 'userId');
      equal(client.user.userId, userId, 'user.userId');
    }),
  );
};

export default ({ test, lib }) => {
  definiteErrors(test, lib);
  refusedAuthTokens(test, lib);
  transientFaults(test, lib);
};

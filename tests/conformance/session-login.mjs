// Tests signing in: concurrent logins, a login as another user, a session that the app created
// itself, visitors and bots.
import { equal, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import { ENDPOINT, SESSIONS, getCredentialsOption, withWorld } from './session-world.mjs';

const testConcurrentLogins = (test, lib) => {
  test(
    'concurrent logins of one user share one request',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const users = await Promise.all(
        Array.from({ length: 5 }, () => resolves(() => client.login({ userId: 'ada' }))),
      );
      equal(
        users.map(({ userId }) => userId),
        Array(5).fill('ada'),
        'users',
      );
      equal(world.countSessionRequests(), 1, 'requests');
      equal(client.seen.states, ['establishing', 'established'], 'states');
    }),
  );
  test(
    'login of the current user sends a request only for a new name or auth token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      equal((await resolves(() => client.login({ userId: 'ada' }))).userId, 'ada', 'user');
      equal(world.countSessionRequests(), 1, 'requests');
      equal(await world.getToken(client), token, 'token');
      const user = await resolves(() => client.login({ userId: 'ada', displayName: 'Ada King' }));
      equal(user.displayName, 'Ada King', 'name from the login');
      equal(client.user?.displayName, 'Ada King', 'name of the client’s user');
      equal(world.countSessionRequests(), 2, 'requests after a new name');
      await resolves(() => client.login({ userId: 'ada', authToken: 'new-auth-token' }));
      equal(world.countSessionRequests(), 3, 'requests after a new auth token');
    }),
  );
  test(
    'aborting one of two logins does not abort the other login',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const held = world.hold();
      const controller = new AbortController();
      const first = getOutcome(() => client.login({ userId: 'ada', signal: controller.signal }));
      const second = getOutcome(() => client.login({ userId: 'ada' }));
      await held.arrived;
      controller.abort(new Error(CANARY));
      const { error } = await first;
      equal(error?.kind, 'aborted', 'error of the aborted login');
      ok(!containsSecret(`${error.message}${error.stack}`), 'the error repeats the abort reason');
      held.release();
      equal((await second).value?.userId, 'ada', 'user of the other login');
      equal(client.state, 'established', 'state');
      equal(world.countSessionRequests(), 1, 'session requests');
      await rejects(
        () => client.login({ userId: 'eve', signal: AbortSignal.abort() }),
        'aborted',
        'login with an aborted signal',
      );
      equal(client.userId, 'ada', 'user after the rejected login');
      equal(world.countSessionRequests(), 1, 'requests after the rejected login');
    }),
  );
  test(
    'login as another user supersedes the pending login and revokes its session',
    withWorld(lib, {}, async (world) => {
      for (const isFirstReleasedEarly of [true, false]) {
        const client = world.createClient({
          namespace: `${world.namespace}-${isFirstReleasedEarly}`,
        });
        const held = world.hold({ afterHandling: true });
        const first = getOutcome(() => client.login({ userId: 'ada' }));
        const waiting = getOutcome(() => client.accessToken());
        await held.arrived;
        const second = getOutcome(() => client.login({ userId: 'grace' }));
        if (isFirstReleasedEarly) held.release();
        await world.waitUntilIdle();
        held.release();
        equal((await first).error?.kind, 'superseded', 'error of the first login');
        equal((await second).value?.userId, 'grace', 'user of the second login');
        await waiting;
        await world.waitUntilIdle();
        equal(client.userId, 'grace', 'user');
        equal(client.state, 'established', 'state');
        ok(await world.isTokenValid(await world.getToken(client)), 'the service rejects the token');
        ok(
          !world.service.sessions().some(({ userId, valid }) => userId === 'ada' && valid),
          'a session of the first user is still valid',
        );
      }
    }),
  );
  test(
    'a login that another login supersedes sends no further attempt',
    withWorld(lib, {}, async (world) => {
      const retry = { attempts: 3, baseDelayMs: 0 };
      for (const isBackingOff of [false, true]) {
        const before = world.countSessionRequests();
        let second;
        const supersede = () => (second ??= getOutcome(() => client.login({ userId: 'grace' })));
        const onEvent = ({ type }) => {
          if (type === 'retry' && isBackingOff) supersede();
        };
        const namespace = `${world.namespace}-${isBackingOff}`;
        const client = world.createClient({ namespace, retry, onEvent });
        const held = world.hold();
        const first = getOutcome(() => client.login({ userId: 'ada' }));
        await held.arrived;
        if (!isBackingOff) supersede();
        await world.waitUntilIdle();
        held.lose();
        await world.waitUntilIdle();
        equal((await first).error?.kind, 'superseded', `error, during a backoff: ${isBackingOff}`);
        equal((await second).value?.userId, 'grace', `user, during a backoff: ${isBackingOff}`);
        await world.waitUntilIdle();
        // The attempt of the first login was lost before it reached the service, so the service has
        // received only the request of the second login.
        const received = world.countSessionRequests() - before;
        equal(received, 1, `requests that the service received, during a backoff: ${isBackingOff}`);
      }
    }),
  );
  test(
    'a login as another user supersedes pending accessToken and renew calls',
    withWorld(lib, { accessTokenLifetimeMs: 3_600_000 }, async (world) => {
      const client = await world.signIn();
      world.sleep(2 * 3_600_000);
      const held = world.hold({ afterHandling: true });
      const waiting = [getOutcome(() => client.accessToken()), getOutcome(() => client.renew())];
      await held.arrived;
      await resolves(() => client.login({ userId: 'grace' }));
      held.release();
      for (const { error, value } of await Promise.all(waiting)) {
        equal(error?.kind, 'superseded', 'error of the pending call');
        equal(value, undefined, 'value of the pending call');
      }
      equal(client.userId, 'grace', 'user');
    }),
  );
};

const testExternalSessions = (test, lib) => {
  const createSessionForDevice = async (world, client, userId = 'ada') => {
    const deviceId = await client.getDeviceId();
    const session = await resolves(() =>
      lib.browser.createSession(
        { endpoint: ENDPOINT, apiKey: world.service.apiKey, fetch: world.service.fetch },
        { userId, deviceId },
      ),
    );
    registerSecret(session.accessToken);
    return session;
  };
  for (const [what, convert] of [
    ['as an object', (session) => session],
    ['as the result of toJSON', (session) => session.toJSON()],
    ['as parsed JSON', (session) => JSON.parse(JSON.stringify(session))],
  ]) {
    test(
      `loginWithSession accepts a session of this device ${what} and sends no request`,
      withWorld(lib, {}, async (world) => {
        const client = world.createClient();
        const session = await createSessionForDevice(world, client);
        equal(
          (await resolves(() => client.loginWithSession(convert(session)))).userId,
          'ada',
          'user',
        );
        equal(client.state, 'established', 'state');
        equal(client.userId, 'ada', 'user');
        equal(world.countSessionRequests(), 1, 'requests, including that of createSession');
        equal(await world.getToken(client), session.accessToken, 'token');
        equal(client.expiresAt?.getTime(), session.expiresAt.getTime(), 'expiresAt');
        await resolves(() => client.renew(), 'renewal of the session');
      }),
    );
  }
  test(
    'loginWithSession rejects an invalid session without repeating it',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const session = (await createSessionForDevice(world, client)).toJSON();
      for (const invalid of [
        undefined,
        null,
        CANARY,
        {},
        { ...session, accessToken: undefined },
        { ...session, expiresAt: 'some day' },
      ]) {
        await rejects(
          () => client.loginWithSession(invalid),
          ['invalidRequest', 'invalidResponse'],
          `an invalid session of type ${typeof invalid}`,
        );
      }
      equal(client.state, 'notLoggedIn', 'state');
    }),
  );
  test(
    'getDeviceId returns the deviceId option, or else an id that survives a logout',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const [first, second] = await Promise.all([client.getDeviceId(), client.getDeviceId()]);
      equal(typeof first, 'string', 'type');
      ok(first.length >= 16 && first.length <= 150, `got ${first.length} characters`);
      equal(second, first, 'second call');
      await resolves(() => client.login({ userId: 'ada' }));
      await resolves(() => client.logout());
      equal(await client.getDeviceId(), first, 'id after a login and a logout');
      equal(
        await world
          .createClient({ deviceId: 'my own', namespace: `${world.namespace}-2` })
          .getDeviceId(),
        'my own',
        'id from the option',
      );
    }),
  );
};

const testGuests = (test, lib, engine) => {
  for (const [call, path, userType] of [
    ['loginAsVisitor', `${SESSIONS}/visitor`, 'visitor'],
    ['loginAsBot', `${SESSIONS}/bot`, 'bot'],
  ]) {
    test(
      `a renewal after ${call} keeps the kind of user`,
      withWorld(lib, {}, async (world) => {
        const client = world.createClient();
        const user = await resolves(() => client[call]());
        equal(client.state, 'established', 'state');
        equal(client.userType, userType, 'type');
        equal(client.userId, user.userId, 'user');
        await resolves(() => client[call](), 'second login');
        equal(world.listRequests(path).length, 1, 'requests after the second login');
        await resolves(() => client.renew());
        equal(client.userType, userType, 'userType after the renewal');
        equal(client.userId, user.userId, 'userId after the renewal');
        equal(world.listRequests(path).length, 2, 'requests after the renewal');
        equal(world.countSessionRequests(), 0, 'requests for a user session');
      }),
    );
  }
  test(
    'a visitor stays signed in until a login as a user succeeds',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const visitor = await resolves(() => client.loginAsVisitor());
      const token = await world.getToken(client);
      world.service.faults.add({ status: 500, body: 'no', path: SESSIONS });
      await rejects(() => client.login({ userId: 'ada' }), 'server');
      equal(client.state, 'established', 'state after the failed login');
      equal(client.userId, visitor.userId, 'userId after the failed login');
      equal(client.userType, 'visitor', 'userType after the failed login');
      equal(await world.getToken(client), token, 'token after the failed login');
      ok(await world.isTokenValid(token), 'the service rejects the visitor’s token');
      await resolves(() => client.login({ userId: 'ada' }));
      equal(client.state, 'established', 'state after the login');
      equal(client.userId, 'ada', 'userId after the login');
      equal(client.userType, 'signed-in', 'userType after the login');
      ok(!(await world.isTokenValid(token)), 'the visitor’s token is still valid');
    }),
  );
  test(
    'visitorSignatureFrom may be a function, whose failure is transient, or a route',
    withWorld(lib, { secureVisitorMode: true, visitorSecret: 'of-the-visitors' }, async (world) => {
      const encode = (text) => new TextEncoder().encode(text);
      const key = await crypto.subtle.importKey(
        'raw',
        encode('of-the-visitors'),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      const sign = async ({ deviceId, signal }) => {
        ok(signal instanceof AbortSignal, 'visitorSignatureFrom got no signal');
        const authSignatureExpiresAt = new Date(world.clock.now() + 60_000).toISOString();
        const message = encode(
          `deviceId=${deviceId}&authSignatureExpiresAt=${authSignatureExpiresAt}`,
        );
        const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, message));
        const authSignature = registerSecret(
          [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        );
        return { authSignature, authSignatureExpiresAt };
      };
      let isDown = false;
      const client = world.createClient({
        visitorSignatureFrom: (device) =>
          isDown ? Promise.reject(new Error(CANARY)) : sign(device),
      });
      await resolves(() => client.loginAsVisitor());
      isDown = true;
      await getOutcome(() => client.renew());
      equal(client.state, 'established', 'state after the failed renewal');
      equal(client.seen.failed.length, 1, 'renewalfailed events');
      const address = 'https://app.example/auth/visitor';
      world.respond = (url, init) => {
        if (String(url) !== address) return undefined;
        const { deviceId } = JSON.parse(init.body);
        equal(init.method, 'POST', 'method');
        equal(init.credentials, getCredentialsOption(engine), 'credentials');
        return sign({ deviceId, signal: init.signal }).then((signed) => createResponse(signed));
      };
      const other = world.createClient({
        namespace: `${world.namespace}-2`,
        visitorSignatureFrom: address,
      });
      await resolves(() => other.loginAsVisitor(), 'login with a signature from a route');
    }),
  );
};

export default ({ test, lib, engine }) => {
  testConcurrentLogins(test, lib);
  testExternalSessions(test, lib);
  testGuests(test, lib, engine);
};

// Tests signing out. `logout` signs out locally before the service responds, and retries a failed
// revocation of the token. `secureLogout` signs out only once the token is revoked or has expired.
import { equal, ok, getOutcome } from './harness.mjs';
import { createResponse, rejects, resolves } from './helpers.mjs';
import {
  DAY_MS,
  HOUR_MS,
  LIFETIME_MS,
  MINUTE_MS,
  createStorage,
  withWorld,
  createNamespace,
} from './session-world.mjs';

const REVOKE = { path: '/api/v4/sessions', method: 'DELETE' };
const listRevocations = (world) => world.listRequests(REVOKE.path, REVOKE.method);
const assertSignedOut = async (client, world) => {
  equal(client.state, 'notLoggedIn', 'state after signing out');
  equal(client.userId, undefined, 'userId after signing out');
  equal(client.user, undefined, 'user after signing out');
  equal(client.expiresAt, undefined, 'expiresAt after signing out');
  await rejects(() => client.accessToken(), 'notLoggedIn');
  await world.waitUntilIdle();
};

const testLogout = (test, lib, engine) => {
  test(
    'logout revokes the token and reports the revocation',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      equal(await resolves(() => client.logout()), { revoked: true }, 'outcome');
      ok(!(await world.isTokenValid(token)), 'the token is still valid');
      equal(listRevocations(world).length, 1, 'revocations');
      await assertSignedOut(client, world);
      equal(
        typeof (await resolves(() => client.logout())).revoked,
        'boolean',
        'type of `revoked` after a second logout',
      );
    }),
  );
  test(
    'the revocation sends the token, and in a page the request is keepalive',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      let sent;
      world.respond = (url, init) => void (init.method === 'DELETE' && (sent = init));
      await resolves(() => client.logout());
      if (globalThis.document !== undefined) equal(sent.keepalive, true, 'keepalive');
      ok(
        new Headers(sent.headers).get('authorization') === `Bearer ${token}`,
        'the authorization header does not contain the token',
      );
    }),
  );
  test(
    'logout signs out before the service responds',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const held = world.hold(REVOKE);
      const pending = resolves(() => client.logout());
      await held.arrived;
      await assertSignedOut(client, world);
      await resolves(() => client.login({ userId: 'grace' }), 'login during the revocation');
      held.release();
      await pending;
      equal(client.state, 'established', 'state after the revocation');
      equal(client.userId, 'grace', 'user after the revocation');
    }),
  );
  test(
    'logout with revoke: false sends no request and leaves the token valid',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      equal(await resolves(() => client.logout({ revoke: false })), { revoked: false }, 'outcome');
      ok(await world.isTokenValid(token), 'the token was revoked');
      equal(listRevocations(world).length, 0, 'revocations');
      await assertSignedOut(client, world);
    }),
  );
  test(
    'an offline logout signs out and revokes the token once the network is back',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      world.goOffline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      await assertSignedOut(client, world);
      equal(listRevocations(world).length, 1, 'revocation attempts');
      world.goOnline();
      if (engine.isWorker) return;
      await world.advanceUntil(
        async () => !(await world.isTokenValid(token)),
        MINUTE_MS,
        HOUR_MS,
        'the token being revoked',
      );
      await assertSignedOut(client, world);
    }),
  );
  test(
    'logout resolves with revoked: false if the service does not respond in time',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn({ timeoutMs: 200 });
      world.hold(REVOKE);
      equal(
        (await world.advanceUntilSettled(() => client.logout())).value,
        { revoked: false },
        'outcome',
      );
      await assertSignedOut(client, world);
    }),
  );
  for (const [what, respond] of [
    [
      'a 401',
      () => createResponse({ status: 'error', code: 400100, message: 'no' }, { status: 401 }),
    ],
    [
      'a 404',
      () => createResponse({ status: 'error', code: 400400, message: 'no' }, { status: 404 }),
    ],
  ]) {
    test(
      `a revocation that gets ${what} counts as successful`,
      withWorld(lib, {}, async (world) => {
        world.respond = (url, { method }) => (method === 'DELETE' ? respond() : undefined);
        const client = await world.signIn();
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
        await resolves(() => client.login({ userId: 'ada' }));
        await resolves(() => client.secureLogout(), 'secureLogout');
        equal(client.state, 'notLoggedIn', 'state');
      }),
    );
  }
  test(
    'logout resolves with revoked: false if a lost renewal may still create a session',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      const client = await world.signIn();
      world.goOffline();
      await world.advance(HOUR_MS);
      equal(client.state, 'tokenExpired', 'state');
      // On a worker, the client does not renew in the background, so the test requests the renewal.
      await getOutcome(() => client.renew());
      equal(await resolves(() => client.logout()), { revoked: false }, 'logout');
    }),
  );
  test(
    'an offline logout removes the stored record',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const client = await world.signIn({ storage });
      world.goOffline();
      await resolves(() => client.logout());
      equal(storage.getRecord(), undefined, 'record');
    }),
  );
  test(
    'a logout beats an in-flight renewal and revokes the token of that renewal',
    withWorld(lib, {}, async (world) => {
      for (const afterHandling of [true, false]) {
        const client = await world.signIn({ namespace: createNamespace() });
        const held = world.hold({ afterHandling });
        const renewing = getOutcome(() => client.renew());
        const waiting = getOutcome(() => client.accessToken());
        await held.arrived;
        await resolves(() => client.logout());
        await assertSignedOut(client, world);
        held.release();
        ok((await renewing).error !== undefined, 'the renewal resolved');
        await waiting;
        await world.advanceUntil(
          () => !world.service.sessions().some(({ valid }) => valid),
          MINUTE_MS,
          HOUR_MS,
          'the late session being revoked',
        );
        await assertSignedOut(client, world);
        equal(client.seen.states.at(-1), 'notLoggedIn', 'last announced state');
      }
    }),
  );
  test(
    'a logout beats an in-flight login',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const held = world.hold({ afterHandling: true });
      const pending = getOutcome(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      equal((await pending).error?.kind, 'superseded', 'error of the login');
      await assertSignedOut(client, world);
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE_MS,
        HOUR_MS,
        'the late session being revoked',
      );
    }),
  );
  test(
    'logins and logouts take effect in the order of the calls, even without an await between them',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const [outcome, user] = await Promise.all([client.logout(), client.login({ userId: 'bob' })]);
      equal(outcome, { revoked: true }, 'outcome of the logout');
      equal(user.userId, 'bob', 'user of the login');
      equal(client.state, 'established', 'state after a logout and a login');
      equal(client.userId, 'bob', 'client.userId after a logout and a login');
      const login = getOutcome(() => client.login({ userId: 'cyd' }));
      await resolves(() => client.logout());
      equal((await login).error?.kind, 'superseded', 'error of a login that a logout follows');
      equal(client.state, 'notLoggedIn', 'state after a login and a logout');
    }),
  );
  test(
    'a logout rejects a pending accessToken call with notLoggedIn',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.sleep(LIFETIME_MS + DAY_MS);
      const held = world.hold();
      const waiting = getOutcome(() => client.accessToken());
      await held.arrived;
      await resolves(() => client.logout());
      equal((await waiting).error?.kind, 'notLoggedIn', 'error of accessToken');
      held.release();
    }),
  );
};

const testSecureLogout = (test, lib) => {
  test(
    'secureLogout signs out only after the service has revoked the token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      const held = world.hold(REVOKE);
      const pending = resolves(() => client.secureLogout());
      await held.arrived;
      equal(client.state, 'established', 'state during the revocation');
      held.release();
      equal(await pending, undefined, 'outcome');
      ok(!(await world.isTokenValid(token)), 'the token is still valid');
      await assertSignedOut(client, world);
    }),
  );
  for (const [what, fault, kind] of [
    ['a network failure', { drop: true }, 'network'],
    ['a 500', { status: 500, body: 'no' }, 'server'],
    ['a 502 with an HTML page', { status: 502, body: '<html>' }, 'server'],
  ]) {
    test(
      `secureLogout rejects and keeps the user signed in after ${what}`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        const token = await world.getToken(client);
        world.service.faults.add(fault);
        await rejects(() => client.secureLogout(), kind);
        equal(client.state, 'established', 'state');
        equal(client.userId, 'ada', 'user');
        equal(await world.getToken(client), token, 'token');
        equal(client.seen.states, ['establishing', 'established'], 'states');
        await resolves(() => client.secureLogout(), 'second secureLogout');
        await assertSignedOut(client, world);
      }),
    );
  }
  test(
    'secureLogout signs out if the token was revoked or has expired',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      const client = await world.signIn();
      await world.revoke(await world.getToken(client));
      await resolves(() => client.secureLogout());
      await assertSignedOut(client, world);
      await resolves(() => client.login({ userId: 'ada' }));
      world.goOffline();
      await world.advance(HOUR_MS);
      await resolves(() => client.secureLogout(), 'secureLogout with an expired token');
      await assertSignedOut(client, world);
    }),
  );
};

export default ({ test, lib, engine }) => {
  testLogout(test, lib, engine);
  testSecureLogout(test, lib);
};

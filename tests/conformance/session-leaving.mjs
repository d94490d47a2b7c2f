// Signing out. `logout` takes effect locally at once and revokes the token when the network allows
// it; `secureLogout` revokes the token first.
import { equal, ok, settled } from './harness.mjs';
import { answer, rejects, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MINUTE,
  customStorage,
  inWorld,
  uniqueNamespace,
} from './session-world.mjs';

const REVOKE = { path: '/api/v4/sessions', method: 'DELETE' };
const revocations = (world) => world.requests(REVOKE.path, REVOKE.method);
const assertSignedOut = async (client, world) => {
  equal(client.state, 'notLoggedIn', 'state after signing out');
  equal(client.userId, undefined, 'userId after signing out');
  equal(client.user, undefined, 'user after signing out');
  equal(client.expiresAt, undefined, 'expiresAt after signing out');
  await rejects(() => client.accessToken(), 'notLoggedIn');
  await world.untilIdle();
};

const logout = (test, lib, engine) => {
  test(
    'logout revokes the token and reports it',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await resolves(() => client.logout()), { revoked: true }, 'outcome');
      ok(!(await world.isTokenValid(token)), 'the token is still valid');
      equal(revocations(world).length, 1, 'revocations');
      await assertSignedOut(client, world);
      equal(
        typeof (await resolves(() => client.logout())).revoked,
        'boolean',
        'type of `revoked` of a second logout',
      );
    }),
  );
  test(
    'the revocation carries the token and outlives the page',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      let sent;
      world.respond = (url, init) => void (init.method === 'DELETE' && (sent = init));
      await resolves(() => client.logout());
      if (globalThis.document !== undefined) equal(sent.keepalive, true, 'keepalive');
      ok(
        new Headers(sent.headers).get('authorization') === `Bearer ${token}`,
        'the authorization header is not the token',
      );
    }),
  );
  test(
    'logout signs out before the service responds',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
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
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await resolves(() => client.logout({ revoke: false })), { revoked: false }, 'outcome');
      ok(await world.isTokenValid(token), 'the token was revoked');
      equal(revocations(world).length, 0, 'revocations');
      await assertSignedOut(client, world);
    }),
  );
  test(
    'an offline logout signs out and revokes the token once the network is back',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.offline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      await assertSignedOut(client, world);
      equal(revocations(world).length, 1, 'revocation attempts');
      world.online();
      if (engine.isWorker) return;
      await world.advanceUntil(
        async () => !(await world.isTokenValid(token)),
        MINUTE,
        HOUR,
        'the token being revoked',
      );
      await assertSignedOut(client, world);
    }),
  );
  test(
    'logout waits at most timeoutMs for the service',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn({ timeoutMs: 200 });
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
    ['a 401', () => answer({ status: 'error', code: 400100, message: 'no' }, { status: 401 })],
    ['a 404', () => answer({ status: 'error', code: 400400, message: 'no' }, { status: 404 })],
  ]) {
    test(
      `${what} from the service to a revocation counts as revoked`,
      inWorld(lib, {}, async (world) => {
        world.respond = (url, { method }) => (method === 'DELETE' ? respond() : undefined);
        const client = await world.signedIn();
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
        await resolves(() => client.login({ userId: 'ada' }));
        await resolves(() => client.secureLogout(), 'secureLogout');
        equal(client.state, 'notLoggedIn', 'state');
      }),
    );
  }
  test(
    'an expired token counts as revoked',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await world.advance(HOUR);
      equal(client.state, 'tokenExpired', 'state');
      equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
    }),
  );
  test(
    'an offline logout removes the stored record',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      world.offline();
      await resolves(() => client.logout());
      equal(storage.record(), undefined, 'record');
    }),
  );
  test(
    'a logout beats a renewal in flight and revokes its token',
    inWorld(lib, {}, async (world) => {
      for (const afterHandling of [true, false]) {
        const client = await world.signedIn({ namespace: uniqueNamespace() });
        const held = world.hold({ afterHandling });
        const renewing = settled(() => client.renew());
        const waiting = settled(() => client.accessToken());
        await held.arrived;
        await resolves(() => client.logout());
        await assertSignedOut(client, world);
        held.release();
        ok((await renewing).error !== undefined, 'the renewal resolved');
        await waiting;
        await world.advanceUntil(
          () => !world.service.sessions().some(({ valid }) => valid),
          MINUTE,
          HOUR,
          'the late session being revoked',
        );
        await assertSignedOut(client, world);
        equal(client.seen.states.at(-1), 'notLoggedIn', 'last announced state');
      }
    }),
  );
  test(
    'a logout beats a login in flight',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const held = world.hold({ afterHandling: true });
      const pending = settled(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      equal((await pending).error?.kind, 'superseded', 'error of the login');
      await assertSignedOut(client, world);
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE,
        HOUR,
        'the late session being revoked',
      );
    }),
  );
  test(
    'calls take effect in order, awaited or not',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const [outcome, user] = await Promise.all([client.logout(), client.login({ userId: 'bob' })]);
      equal(outcome, { revoked: true }, 'outcome of the logout');
      equal(user.userId, 'bob', 'user of the login');
      equal(client.state, 'established', 'state after a logout and a login');
      equal(client.userId, 'bob', 'client.userId after a logout and a login');
      const login = settled(() => client.login({ userId: 'cyd' }));
      await resolves(() => client.logout());
      equal((await login).error?.kind, 'superseded', 'error of a login before a logout');
      equal(client.state, 'notLoggedIn', 'state after a login and a logout');
    }),
  );
  test(
    'a logout rejects pending calls with notLoggedIn',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const held = world.hold();
      const waiting = settled(() => client.accessToken());
      await held.arrived;
      await resolves(() => client.logout());
      equal((await waiting).error?.kind, 'notLoggedIn', 'accessToken');
      held.release();
    }),
  );
};

const secureLogout = (test, lib) => {
  test(
    'secureLogout signs out only after the service has revoked the token',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
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
    ['no network', { drop: true }, 'network'],
    ['a 500', { status: 500, body: 'no' }, 'server'],
    ['a 502 with an HTML page', { status: 502, body: '<html>' }, 'server'],
  ]) {
    test(
      `secureLogout rejects and stays signed in after ${what}`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.service.faults.add(fault);
        await rejects(() => client.secureLogout(), kind);
        equal(client.state, 'established', 'state');
        equal(client.userId, 'ada', 'user');
        equal(await world.token(client), token, 'token');
        equal(client.seen.states, ['establishing', 'established'], 'states');
        await resolves(() => client.secureLogout(), 'second secureLogout');
        await assertSignedOut(client, world);
      }),
    );
  }
  test(
    'secureLogout signs out if the token is unknown to the service or has expired',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      await world.revoke(await world.token(client));
      await resolves(() => client.secureLogout());
      await assertSignedOut(client, world);
      await resolves(() => client.login({ userId: 'ada' }));
      world.offline();
      await world.advance(HOUR);
      await resolves(() => client.secureLogout(), 'secureLogout with an expired token');
      await assertSignedOut(client, world);
    }),
  );
};

export default ({ test, lib, engine }) => {
  logout(test, lib, engine);
  secureLogout(test, lib);
};

// Signing out: here at once, whatever the network does; the service is told, and told again.
// secureLogout is the other way round.
import { equal, ok, settled } from './harness.mjs';
import { answer, rejects, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MINUTE,
  uniqueNamespace,
  customStorage,
  inWorld,
} from './session-world.mjs';

const REVOKE = { path: '/api/v4/sessions', method: 'DELETE' };
const revokes = (world) => world.requests(REVOKE.path, REVOKE.method);
const isOut = async (client, world) => {
  equal(
    [client.state, client.userId, client.user, client.expiresAt],
    ['notLoggedIn', undefined, undefined, undefined],
    'signed out',
  );
  await rejects(() => client.accessToken(), 'notLoggedIn');
  await world.untilIdle();
};

const logout = (test, lib, engine) => {
  test(
    'logout revokes the token and says so',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await resolves(() => client.logout()), { revoked: true }, 'outcome');
      equal(
        [await world.isTokenValid(token), revokes(world).length],
        [false, 1],
        'token, requests',
      );
      await isOut(client, world);
      equal(
        typeof (await resolves(() => client.logout())).revoked,
        'boolean',
        'once more, with nobody signed in',
      );
    }),
  );
  test(
    'the request lives on when the page goes, and has the token as bearer',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      let sent;
      world.answer = (url, init) => void (init.method === 'DELETE' && (sent = init));
      await resolves(() => client.logout());
      if (globalThis.document !== undefined) equal(sent.keepalive, true, 'keepalive');
      ok(new Headers(sent.headers).get('authorization') === `Bearer ${token}`, 'authorization');
    }),
  );
  test(
    'signed out at once, before the service has answered',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold(REVOKE);
      const pending = resolves(() => client.logout());
      await held.arrived;
      await isOut(client, world);
      await resolves(() => client.login({ userId: 'grace' }), 'the next login does not wait');
      held.release();
      await pending;
      equal([client.state, client.userId], ['established', 'grace'], 'the next user stays');
    }),
  );
  test(
    'revoke: false leaves the token to the service, and sends nothing',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await resolves(() => client.logout({ revoke: false })), { revoked: false }, 'outcome');
      equal([await world.isTokenValid(token), revokes(world).length], [true, 0], 'token, requests');
      await isOut(client, world);
    }),
  );
  test(
    'offline: signed out all the same, revoked false, and tried again once the network is back',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.offline();
      equal(await resolves(() => client.logout()), { revoked: false }, 'outcome');
      await isOut(client, world);
      equal(revokes(world).length, 1, 'one try');
      world.online();
      if (engine.isWorker) return;
      await world.advanceUntil(
        async () => !(await world.isTokenValid(token)),
        MINUTE,
        HOUR,
        'the revoke',
      );
      await isOut(client, world);
    }),
  );
  test(
    'a service that never answers is waited for no longer than timeoutMs',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn({ timeoutMs: 200 });
      world.hold(REVOKE);
      equal(
        (await world.advanceUntilSettled(() => client.logout())).value,
        { revoked: false },
        'outcome',
      );
      await isOut(client, world);
    }),
  );
  for (const [what, respond] of [
    [
      'a 401 of the service',
      () => answer({ status: 'error', code: 400100, message: 'no' }, { status: 401 }),
    ],
    [
      'a 404 of the service',
      () => answer({ status: 'error', code: 400400, message: 'no' }, { status: 404 }),
    ],
  ]) {
    test(
      `${what} to the revoke counts as revoked`,
      inWorld(lib, {}, async (world) => {
        world.answer = (url, { method }) => (method === 'DELETE' ? respond() : undefined);
        const client = await world.signedIn();
        equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
        await resolves(() => client.login({ userId: 'ada' }));
        await resolves(() => client.secureLogout(), 'secureLogout');
        equal(client.state, 'notLoggedIn', 'state');
      }),
    );
  }
  test(
    'a token that has expired counts as revoked',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await world.advance(HOUR);
      equal(client.state, 'tokenExpired', 'state');
      equal(await resolves(() => client.logout()), { revoked: true }, 'logout');
    }),
  );
  test(
    'the record goes, also if the service cannot be asked',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      world.offline();
      await resolves(() => client.logout());
      equal(storage.record(), undefined, 'record');
    }),
  );
  test(
    'a logout beats a renewal in flight, whose token is revoked',
    inWorld(lib, {}, async (world) => {
      for (const late of [true, false]) {
        const client = await world.signedIn({ namespace: uniqueNamespace() });
        const held = world.hold({ answer: late });
        const renewing = settled(() => client.renew());
        const waiting = settled(() => client.accessToken());
        await held.arrived;
        await resolves(() => client.logout());
        await isOut(client, world);
        held.release();
        ok((await renewing).error !== undefined, 'the renewal');
        await waiting;
        await world.advanceUntil(
          () => !world.service.sessions().some(({ valid }) => valid),
          MINUTE,
          HOUR,
          'the revoke of what came late',
        );
        await isOut(client, world);
        equal(client.seen.states.at(-1), 'notLoggedIn', 'states');
      }
    }),
  );
  test(
    'a logout beats a login in flight',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const held = world.hold({ answer: true });
      const pending = settled(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await resolves(() => client.logout());
      held.release();
      equal((await pending).error?.kind, 'superseded', 'the login');
      await isOut(client, world);
      await world.advanceUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE,
        HOUR,
        'the revoke of what came late',
      );
    }),
  );
  test(
    'calls act in the order in which they are made, waited for or not',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const [out, user] = await Promise.all([client.logout(), client.login({ userId: 'bob' })]);
      equal(
        [out.revoked, user.userId, client.state, client.userId],
        [true, 'bob', 'established', 'bob'],
        'a logout, then a login',
      );
      const login = settled(() => client.login({ userId: 'cyd' }));
      await resolves(() => client.logout());
      equal(
        [(await login).error?.kind, client.state],
        ['superseded', 'notLoggedIn'],
        'a login, then a logout',
      );
    }),
  );
  test(
    'who waits at a logout is told notLoggedIn',
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
    'secureLogout: the service first, then here',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const held = world.hold(REVOKE);
      const pending = resolves(() => client.secureLogout());
      await held.arrived;
      equal(client.state, 'established', 'while the service is asked');
      held.release();
      equal(await pending, undefined, 'outcome');
      equal(await world.isTokenValid(token), false, 'token');
      await isOut(client, world);
    }),
  );
  for (const [what, fault, kind] of [
    ['no network', { drop: true }, 'network'],
    ['500', { status: 500, body: 'no' }, 'server'],
    ['a page with 502', { status: 502, body: '<html>' }, 'server'],
  ]) {
    test(
      `secureLogout throws and stays signed in: ${what}`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.service.faults.add(fault);
        await rejects(() => client.secureLogout(), kind);
        equal(
          [client.state, client.userId, await world.token(client)],
          ['established', 'ada', token],
          'state, user, token',
        );
        equal(client.seen.states, ['establishing', 'established'], 'states');
        await resolves(() => client.secureLogout(), 'the next one');
        await isOut(client, world);
      }),
    );
  }
  test(
    'secureLogout of a token that the service no longer knows, or that has expired: signed out',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      await world.revoke(await world.token(client));
      await resolves(() => client.secureLogout());
      await isOut(client, world);
      await resolves(() => client.login({ userId: 'ada' }));
      world.offline();
      await world.advance(HOUR);
      await resolves(() => client.secureLogout(), 'an expired one');
      await isOut(client, world);
    }),
  );
};

export default ({ test, lib, engine }) => {
  logout(test, lib, engine);
  secureLogout(test, lib);
};

// Signing out: here at once, whatever the network does; the service is told, and told again.
// secureLogout is the other way round.
import { equal, ok, settled } from './harness.mjs';
import { answer, fine } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MINUTE,
  fresh,
  ownStorage,
  rejects,
  within,
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
  await world.rest();
};

const logout = (test, lib, engine) => {
  test(
    'logout revokes the token and says so',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await fine(() => client.logout()), { revoked: true }, 'outcome');
      equal([await world.honours(token), revokes(world).length], [false, 1], 'token, requests');
      await isOut(client, world);
      equal(
        typeof (await fine(() => client.logout())).revoked,
        'boolean',
        'once more, with nobody signed in',
      );
    }),
  );
  test(
    'the request lives on when the page goes, and has the token as bearer',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      let sent;
      world.answer = (url, init) => void (init.method === 'DELETE' && (sent = init));
      await fine(() => client.logout());
      if (globalThis.document !== undefined) equal(sent.keepalive, true, 'keepalive');
      ok(new Headers(sent.headers).get('authorization') === `Bearer ${token}`, 'authorization');
    }),
  );
  test(
    'signed out at once, before the service has answered',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold(REVOKE);
      const pending = fine(() => client.logout());
      await held.arrived;
      await isOut(client, world);
      await fine(() => client.login({ userId: 'grace' }), 'the next login does not wait');
      held.release();
      await pending;
      equal([client.state, client.userId], ['established', 'grace'], 'the next user stays');
    }),
  );
  test(
    'revoke: false leaves the token to the service, and sends nothing',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal(await fine(() => client.logout({ revoke: false })), { revoked: false }, 'outcome');
      equal([await world.honours(token), revokes(world).length], [true, 0], 'token, requests');
      await isOut(client, world);
    }),
  );
  test(
    'offline: signed out all the same, revoked false, and tried again once the network is back',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.offline();
      equal(await fine(() => client.logout()), { revoked: false }, 'outcome');
      await isOut(client, world);
      equal(revokes(world).length, 1, 'one try');
      world.online();
      if (engine.isWorker) return;
      await world.turnUntil(async () => !(await world.honours(token)), MINUTE, HOUR, 'the revoke');
      await isOut(client, world);
    }),
  );
  test(
    'a service that never answers is waited for no longer than timeoutMs',
    within(lib, {}, async (world) => {
      const client = await world.signedIn({ timeoutMs: 200 });
      world.hold(REVOKE);
      equal((await world.patiently(() => client.logout())).value, { revoked: false }, 'outcome');
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
      within(lib, {}, async (world) => {
        world.answer = (url, { method }) => (method === 'DELETE' ? respond() : undefined);
        const client = await world.signedIn();
        equal(await fine(() => client.logout()), { revoked: true }, 'logout');
        await fine(() => client.login({ userId: 'ada' }));
        await fine(() => client.secureLogout(), 'secureLogout');
        equal(client.state, 'notLoggedIn', 'state');
      }),
    );
  }
  test(
    'a token that has expired counts as revoked',
    within(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await world.turn(HOUR);
      equal(client.state, 'tokenExpired', 'state');
      equal(await fine(() => client.logout()), { revoked: true }, 'logout');
    }),
  );
  test(
    'the record goes, also if the service cannot be asked',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const client = await world.signedIn({ storage });
      world.offline();
      await fine(() => client.logout());
      equal(storage.record(), undefined, 'record');
    }),
  );
  test(
    'a logout beats a renewal in flight, whose token is revoked',
    within(lib, {}, async (world) => {
      for (const late of [true, false]) {
        const client = await world.signedIn({ namespace: fresh() });
        const held = world.hold({ answer: late });
        const renewing = settled(() => client.renew());
        const waiting = settled(() => client.accessToken());
        await held.arrived;
        await fine(() => client.logout());
        await isOut(client, world);
        held.release();
        ok((await renewing).error !== undefined, 'the renewal');
        await waiting;
        await world.turnUntil(
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
    within(lib, {}, async (world) => {
      const client = world.client();
      const held = world.hold({ answer: true });
      const pending = settled(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await fine(() => client.logout());
      held.release();
      equal((await pending).error?.kind, 'superseded', 'the login');
      await isOut(client, world);
      await world.turnUntil(
        () => !world.service.sessions().some(({ valid }) => valid),
        MINUTE,
        HOUR,
        'the revoke of what came late',
      );
    }),
  );
  test(
    'calls act in the order in which they are made, waited for or not',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const [out, user] = await Promise.all([client.logout(), client.login({ userId: 'bob' })]);
      equal(
        [out.revoked, user.userId, client.state, client.userId],
        [true, 'bob', 'established', 'bob'],
        'a logout, then a login',
      );
      const login = settled(() => client.login({ userId: 'cyd' }));
      await fine(() => client.logout());
      equal(
        [(await login).error?.kind, client.state],
        ['superseded', 'notLoggedIn'],
        'a login, then a logout',
      );
    }),
  );
  test(
    'who waits at a logout is told notLoggedIn',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const held = world.hold();
      const waiting = settled(() => client.accessToken());
      await held.arrived;
      await fine(() => client.logout());
      equal((await waiting).error?.kind, 'notLoggedIn', 'accessToken');
      held.release();
    }),
  );
};

const secureLogout = (test, lib) => {
  test(
    'secureLogout: the service first, then here',
    within(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const held = world.hold(REVOKE);
      const pending = fine(() => client.secureLogout());
      await held.arrived;
      equal(client.state, 'established', 'while the service is asked');
      held.release();
      equal(await pending, undefined, 'outcome');
      equal(await world.honours(token), false, 'token');
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
      within(lib, {}, async (world) => {
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
        await fine(() => client.secureLogout(), 'the next one');
        await isOut(client, world);
      }),
    );
  }
  test(
    'secureLogout of a token that the service no longer knows, or that has expired: signed out',
    within(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      await world.revoke(await world.token(client));
      await fine(() => client.secureLogout());
      await isOut(client, world);
      await fine(() => client.login({ userId: 'ada' }));
      world.offline();
      await world.turn(HOUR);
      await fine(() => client.secureLogout(), 'an expired one');
      await isOut(client, world);
    }),
  );
};

export default ({ test, lib, engine }) => {
  logout(test, lib, engine);
  secureLogout(test, lib);
};

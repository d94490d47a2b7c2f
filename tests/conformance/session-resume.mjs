// A session that outlives the client: taken up from storage of the caller's own, whole or not at
// all; storage that fails costs persistence and never the session.
import { equal, match, ok, spills } from './harness.mjs';
import { CANARY, fine } from './helpers.mjs';
import { DAY, LIFETIME, fresh, ownStorage, rejects, within } from './session-world.mjs';

const taken = (test, lib) => {
  test(
    'resume with nothing stored: signed out, and no request',
    within(lib, {}, async (world) => {
      for (const storage of ['memory', ownStorage()]) {
        const client = world.client({ storage, namespace: fresh() });
        equal(await fine(() => client.resume()), 'notLoggedIn', 'state');
        await rejects(() => client.accessToken(), 'notLoggedIn');
      }
      equal(world.service.requests.length, 0, 'requests');
    }),
  );
  test(
    'resume takes a stored session up: the same user, token and device, without a new session',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const first = await world.signedIn({ storage }, { displayName: 'Ada' });
      const [token, deviceId, expiresAt] = [
        await world.token(first),
        await first.getDeviceId(),
        first.expiresAt.getTime(),
      ];
      await first.close();
      await world.turn(DAY);
      const next = world.client({ storage });
      equal(await fine(() => next.resume()), 'established', 'state');
      equal(
        [next.userId, next.user?.displayName, next.userType, next.expiresAt?.getTime()],
        ['ada', 'Ada', 'signed-in', expiresAt],
        'read',
      );
      equal(
        [await world.token(next), await next.getDeviceId()],
        [token, deviceId],
        'token, device',
      );
      equal(world.made(), 1, 'session requests');
      ok(
        next.user.roles.length === 0 && typeof next.user.metadata === 'object',
        'the user is whole',
      );
      await fine(() => next.renew(), 'and it can be renewed');
      equal(await next.getDeviceId(), deviceId, 'by the same device');
    }),
  );
  test(
    'the first call of a fresh client resumes by itself',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const first = await world.signedIn({ storage });
      const token = await world.token(first);
      await first.close();
      equal(await world.token(world.client({ storage })), token, 'accessToken');
      const joins = world.client({ storage });
      equal(
        (await fine(() => joins.login({ userId: 'ada' }))).userId,
        'ada',
        'login of the same user',
      );
      const leaves = world.client({ storage });
      equal(await fine(() => leaves.logout()), { revoked: true }, 'logout');
      equal(
        [world.made(), storage.record(), await world.honours(token)],
        [1, undefined, false],
        'requests, record, token',
      );
    }),
  );
  test(
    'a session that expired meanwhile is renewed by resume or by the next use',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      await (await world.signedIn({ storage })).close();
      await world.turn(LIFETIME + DAY);
      const client = world.client({ storage });
      ok(
        ['established', 'tokenExpired', 'establishing'].includes(await fine(() => client.resume())),
        `state: ${client.state}`,
      );
      ok(await world.honours(await world.token(client)), 'the token is good');
      equal(
        [client.state, client.userId, world.made()],
        ['established', 'ada', 2],
        'state, user, requests',
      );
    }),
  );
  test(
    'what was signed out is not taken up',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      await fine(async () => (await world.signedIn({ storage })).logout());
      equal(await fine(() => world.client({ storage }).resume()), 'notLoggedIn', 'state');
    }),
  );
  test(
    'a visitor stays one',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const first = world.client({ storage });
      const { userId } = await fine(() => first.loginAsVisitor());
      await first.close();
      const next = world.client({ storage });
      await fine(() => next.resume());
      await fine(() => next.renew());
      equal(
        [next.userId, next.userType, world.made()],
        [userId, 'visitor', 0],
        'user, type, sessions of users',
      );
    }),
  );
  test(
    'a record: one key with the namespace, the version, no API key and no refresh token',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const client = await world.signedIn({ storage, apiVersion: 'v4' });
      const keys = [...storage.items.keys()];
      ok(
        keys.every((key) => key.startsWith(`social-plus-auth:${world.namespace}:`)),
        `keys: ${keys.length}`,
      );
      const [key, text] = storage.record();
      match(key, /^social-plus-auth:[^:]+:[^:]+:session$/, 'key');
      ok(
        !keys.join().includes(world.service.apiKey) && !text.includes(world.service.apiKey),
        'the API key is stored',
      );
      ok(!/refresh/i.test(text), 'the refresh token is stored');
      const { v, epoch, session } = JSON.parse(text);
      equal(
        [v, typeof epoch, session.userId, session.accessToken === (await world.token(client))],
        [1, 'number', 'ada', true],
        'record',
      );
      equal(Object.keys(session).includes('refreshToken'), false, 'refreshToken');
    }),
  );
  test(
    'a renewal is stored as well',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const first = await world.signedIn({ storage });
      await fine(() => first.renew());
      const token = await world.token(first);
      await first.close();
      equal(await world.token(world.client({ storage })), token, 'token');
    }),
  );
};

const spoilt = (test, lib) => {
  const change = (edit) => (text) => JSON.stringify(edit(JSON.parse(text)));
  const records = {
    'no JSON': () => CANARY,
    'an empty text': () => '',
    'half of it': (text) => text.slice(0, text.length / 2),
    null: () => 'null',
    'a list': () => '[]',
    'a number': () => '42',
    'another version': change((record) => ({ ...record, v: 2 })),
    'no version': change(({ v, ...record }) => record),
    'no session': change(({ session, ...record }) => record),
    'no token': change((record) => ({
      ...record,
      session: { ...record.session, accessToken: undefined },
    })),
    'a token that is none': change((record) => ({
      ...record,
      session: { ...record.session, accessToken: { CANARY } },
    })),
    'a token with a line break': change((record) => ({
      ...record,
      session: { ...record.session, accessToken: `a\r\nx-evil: ${CANARY}` },
    })),
    'no date': change((record) => ({
      ...record,
      session: { ...record.session, expiresAt: 'some day' },
    })),
    'no user': change((record) => ({
      ...record,
      session: { ...record.session, userId: undefined, user: undefined, users: [] },
    })),
  };
  for (const [what, edit] of Object.entries(records)) {
    test(
      `a record that is spoilt is ignored: ${what}`,
      within(lib, {}, async (world) => {
        const storage = ownStorage();
        await (await world.signedIn({ storage })).close();
        const [key, text] = storage.record();
        storage.items.set(key, edit(text));
        const client = world.client({ storage });
        equal(await fine(() => client.resume()), 'notLoggedIn', 'state');
        await fine(() => client.login({ userId: 'ada' }), 'login');
        const next = world.client({ storage });
        equal(await fine(() => next.resume()), 'established', 'stored whole again');
      }),
    );
  }
  test(
    'the record of another epoch is ignored: it cannot bring a user back who was signed out',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const client = await world.signedIn({ storage });
      const [key, text] = storage.record();
      // Signed out offline: the service would still honour the token.
      world.offline();
      await fine(() => client.logout({ revoke: false }));
      world.online();
      storage.items.set(key, text);
      equal(client.state, 'notLoggedIn', 'state');
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      equal(
        [await fine(() => client.resume()), client.state],
        ['notLoggedIn', 'notLoggedIn'],
        'the client itself',
      );
    }),
  );
};

const failing = (test, lib) => {
  const ways = {
    throws: () => {
      throw new Error(CANARY);
    },
    'throws no error': () => {
      throw CANARY;
    },
    rejects: async () => Promise.reject(new Error(CANARY)),
    'never settles': () => new Promise(() => {}),
    'gives what is no text': () => ({ CANARY }),
  };
  for (const [way, fails] of Object.entries(ways)) {
    for (const methods of [
      ['getItem'],
      ['setItem'],
      ['removeItem'],
      ['getItem', 'setItem', 'removeItem'],
    ]) {
      test(
        `storage whose ${methods.join(', ')} ${way}: signed in and out all the same`,
        within(lib, {}, async (world) => {
          const raw = ownStorage();
          // What throws has to throw at once, not in a promise.
          const storage = { ...raw, ...Object.fromEntries(methods.map((name) => [name, fails])) };
          const client = world.client({ storage, timeoutMs: 200 });
          const patient = async (call, what) => {
            const { error, value } = await world.patiently(call);
            ok(error === undefined, `${what} was refused: ${error?.kind}`);
            return value;
          };
          await patient(() => client.resume(), 'resume');
          await patient(() => client.login({ userId: 'ada' }), 'login');
          equal(client.state, 'established', 'state');
          const token = await patient(() => client.accessToken(), 'accessToken');
          ok(await world.honours(token), 'the service honours the token');
          await patient(() => client.renew(), 'renew');
          await patient(() => client.logout(), 'logout');
          equal(client.state, 'notLoggedIn', 'state after the logout');
          ok(!spills(JSON.stringify(world.events)), 'what storage said is in an event');
        }),
      );
    }
  }
  test(
    'storage that is full: the session lives, nothing is stored, and an event says so',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      storage.broken.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      const client = await world.signedIn({ storage });
      ok(await world.honours(await world.token(client)), 'the token is good');
      ok(
        world.events.some(({ type }) => type === 'storage'),
        `events: ${[...new Set(world.events.map(({ type }) => type))]}`,
      );
      equal(
        await fine(() => world.client({ storage, namespace: fresh() }).resume()),
        'notLoggedIn',
        'nothing was stored',
      );
    }),
  );
  test(
    'storage that is cleared under a client costs persistence, not the session',
    within(lib, {}, async (world) => {
      const storage = ownStorage();
      const client = await world.signedIn({ storage });
      const token = await world.token(client);
      storage.items.clear();
      equal([await world.token(client), client.state], [token, 'established'], 'token, state');
      await fine(() => client.renew(), 'renew');
      await client.close();
      equal(
        await fine(() => world.client({ storage, namespace: fresh() }).resume()),
        'notLoggedIn',
        'under another namespace',
      );
      equal(
        await fine(() => world.client({ storage }).resume()),
        'established',
        'stored again by the renewal',
      );
    }),
  );
};

export default ({ test, lib }) => {
  taken(test, lib);
  spoilt(test, lib);
  failing(test, lib);
};

// A session that outlives the client: taken up from storage of the caller's own, whole or not at
// all; storage that fails costs persistence and never the session.
import { equal, match, ok, spills } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';
import { DAY, LIFETIME, uniqueNamespace, customStorage, inWorld } from './session-world.mjs';

const taken = (test, lib) => {
  test(
    'resume with nothing stored: signed out, and no request',
    inWorld(lib, {}, async (world) => {
      for (const storage of ['memory', customStorage()]) {
        const client = world.client({ storage, namespace: uniqueNamespace() });
        equal(await resolves(() => client.resume()), 'notLoggedIn', 'state');
        await rejects(() => client.accessToken(), 'notLoggedIn');
      }
      equal(world.service.requests.length, 0, 'requests');
    }),
  );
  test(
    'resume takes a stored session up: the same user, token and device, without a new session',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage }, { displayName: 'Ada' });
      const [token, deviceId, expiresAt] = [
        await world.token(first),
        await first.getDeviceId(),
        first.expiresAt.getTime(),
      ];
      await first.close();
      await world.advance(DAY);
      const next = world.client({ storage });
      equal(await resolves(() => next.resume()), 'established', 'state');
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
      equal(world.sessionRequestCount(), 1, 'session requests');
      ok(
        next.user.roles.length === 0 && typeof next.user.metadata === 'object',
        'the user is whole',
      );
      await resolves(() => next.renew(), 'and it can be renewed');
      equal(await next.getDeviceId(), deviceId, 'by the same device');
    }),
  );
  test(
    'the first call of a fresh client resumes by itself',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage });
      const token = await world.token(first);
      await first.close();
      equal(await world.token(world.client({ storage })), token, 'accessToken');
      const joins = world.client({ storage });
      equal(
        (await resolves(() => joins.login({ userId: 'ada' }))).userId,
        'ada',
        'login of the same user',
      );
      const leaves = world.client({ storage });
      equal(await resolves(() => leaves.logout()), { revoked: true }, 'logout');
      equal(
        [world.sessionRequestCount(), storage.record(), await world.isTokenValid(token)],
        [1, undefined, false],
        'requests, record, token',
      );
    }),
  );
  test(
    'a session that expired meanwhile is renewed by resume or by the next use',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      await (await world.signedIn({ storage })).close();
      await world.advance(LIFETIME + DAY);
      const client = world.client({ storage });
      ok(
        ['established', 'tokenExpired', 'establishing'].includes(
          await resolves(() => client.resume()),
        ),
        `state: ${client.state}`,
      );
      ok(await world.isTokenValid(await world.token(client)), 'the token is good');
      equal(
        [client.state, client.userId, world.sessionRequestCount()],
        ['established', 'ada', 2],
        'state, user, requests',
      );
    }),
  );
  test(
    'what was signed out is not taken up',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      await resolves(async () => (await world.signedIn({ storage })).logout());
      equal(await resolves(() => world.client({ storage }).resume()), 'notLoggedIn', 'state');
    }),
  );
  test(
    'a visitor stays one',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = world.client({ storage });
      const { userId } = await resolves(() => first.loginAsVisitor());
      await first.close();
      const next = world.client({ storage });
      await resolves(() => next.resume());
      await resolves(() => next.renew());
      equal(
        [next.userId, next.userType, world.sessionRequestCount()],
        [userId, 'visitor', 0],
        'user, type, sessions of users',
      );
    }),
  );
  test(
    'a record: one key with the namespace, the version, no API key and no refresh token',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
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
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage });
      await resolves(() => first.renew());
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
      inWorld(lib, {}, async (world) => {
        const storage = customStorage();
        await (await world.signedIn({ storage })).close();
        const [key, text] = storage.record();
        storage.items.set(key, edit(text));
        const client = world.client({ storage });
        equal(await resolves(() => client.resume()), 'notLoggedIn', 'state');
        await resolves(() => client.login({ userId: 'ada' }), 'login');
        const next = world.client({ storage });
        equal(await resolves(() => next.resume()), 'established', 'stored whole again');
      }),
    );
  }
  test(
    'the record of another epoch is ignored: it cannot bring a user back who was signed out',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      const [key, text] = storage.record();
      // Signed out offline: the service would still honour the token.
      world.offline();
      await resolves(() => client.logout({ revoke: false }));
      world.online();
      storage.items.set(key, text);
      equal(client.state, 'notLoggedIn', 'state');
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      equal(
        [await resolves(() => client.resume()), client.state],
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
        inWorld(lib, {}, async (world) => {
          const raw = customStorage();
          // What throws has to throw at once, not in a promise.
          const storage = { ...raw, ...Object.fromEntries(methods.map((name) => [name, fails])) };
          const client = world.client({ storage, timeoutMs: 200 });
          const patient = async (call, what) => {
            const { error, value } = await world.advanceUntilSettled(call);
            ok(error === undefined, `${what} was refused: ${error?.kind}`);
            return value;
          };
          await patient(() => client.resume(), 'resume');
          await patient(() => client.login({ userId: 'ada' }), 'login');
          equal(client.state, 'established', 'state');
          const token = await patient(() => client.accessToken(), 'accessToken');
          ok(await world.isTokenValid(token), 'the service honours the token');
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
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      storage.overrides.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      const client = await world.signedIn({ storage });
      ok(await world.isTokenValid(await world.token(client)), 'the token is good');
      ok(
        world.events.some(({ type }) => type === 'storage'),
        `events: ${[...new Set(world.events.map(({ type }) => type))]}`,
      );
      equal(
        await resolves(() => world.client({ storage, namespace: uniqueNamespace() }).resume()),
        'notLoggedIn',
        'nothing was stored',
      );
    }),
  );
  test(
    'storage that is cleared under a client costs persistence, not the session',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      const token = await world.token(client);
      storage.items.clear();
      equal([await world.token(client), client.state], [token, 'established'], 'token, state');
      await resolves(() => client.renew(), 'renew');
      await client.close();
      equal(
        await resolves(() => world.client({ storage, namespace: uniqueNamespace() }).resume()),
        'notLoggedIn',
        'under another namespace',
      );
      equal(
        await resolves(() => world.client({ storage }).resume()),
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

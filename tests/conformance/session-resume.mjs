// Resuming a session from storage: a new client takes over a stored record if it is intact. Storage
// that fails costs persistence, never the session.
import { equal, match, ok, containsSecret } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';
import { DAY, LIFETIME, customStorage, inWorld, uniqueNamespace } from './session-world.mjs';

const resuming = (test, lib) => {
  test(
    'resume without a stored session sends no request',
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
    'resume restores the user, token and device without a session request',
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
      equal(next.userId, 'ada', 'userId');
      equal(next.user?.displayName, 'Ada', 'displayName');
      equal(next.userType, 'signed-in', 'userType');
      equal(next.expiresAt?.getTime(), expiresAt, 'expiresAt');
      equal(await world.token(next), token, 'token');
      equal(await next.getDeviceId(), deviceId, 'device');
      equal(world.sessionRequestCount(), 1, 'session requests');
      equal(next.user.roles, [], 'roles');
      equal(typeof next.user.metadata, 'object', 'type of metadata');
      await resolves(() => next.renew(), 'renew');
      equal(await next.getDeviceId(), deviceId, 'device after a renewal');
    }),
  );
  test(
    'the first call of a new client resumes automatically',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage });
      const token = await world.token(first);
      await first.close();
      equal(await world.token(world.client({ storage })), token, 'accessToken');
      const joining = world.client({ storage });
      equal(
        (await resolves(() => joining.login({ userId: 'ada' }))).userId,
        'ada',
        'user of the login',
      );
      const leaving = world.client({ storage });
      equal(await resolves(() => leaving.logout()), { revoked: true }, 'logout');
      equal(world.sessionRequestCount(), 1, 'requests');
      equal(storage.record(), undefined, 'record');
      ok(!(await world.isTokenValid(token)), 'the token is still valid');
    }),
  );
  test(
    'a stored session that has expired is renewed by resume or the next use',
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
      ok(await world.isTokenValid(await world.token(client)), 'the service rejects the token');
      equal(client.state, 'established', 'state');
      equal(client.userId, 'ada', 'user');
      equal(world.sessionRequestCount(), 2, 'requests');
    }),
  );
  test(
    'resume does not restore a session after a logout',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      await resolves(async () => (await world.signedIn({ storage })).logout());
      equal(await resolves(() => world.client({ storage }).resume()), 'notLoggedIn', 'state');
    }),
  );
  test(
    'a resumed visitor stays a visitor',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = world.client({ storage });
      const { userId } = await resolves(() => first.loginAsVisitor());
      await first.close();
      const next = world.client({ storage });
      await resolves(() => next.resume());
      await resolves(() => next.renew());
      equal(next.userId, userId, 'user');
      equal(next.userType, 'visitor', 'type');
      equal(world.sessionRequestCount(), 0, 'requests for a user session');
    }),
  );
  test(
    'the stored record has a versioned format without API key and refresh token',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage, apiVersion: 'v4' });
      const keys = [...storage.items.keys()];
      ok(
        keys.every((key) => key.startsWith(`social-plus-auth:${world.namespace}:`)),
        'a key lacks the namespace',
      );
      const [key, text] = storage.record();
      match(key, /^social-plus-auth:[^:]+:[^:]+:session$/, 'key');
      ok(!keys.join().includes(world.service.apiKey), 'a key contains the API key');
      ok(!text.includes(world.service.apiKey), 'the record contains the API key');
      ok(!/refresh/i.test(text), 'the record contains the refresh token');
      const { v, epoch, session } = JSON.parse(text);
      equal(v, 1, 'version');
      equal(typeof epoch, 'number', 'type of epoch');
      equal(session.userId, 'ada', 'userId');
      equal(session.accessToken, await world.token(client), 'accessToken');
      ok(!('refreshToken' in session), 'the session has a refresh token');
    }),
  );
  test(
    'a renewal updates the stored record',
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

const invalidRecords = (test, lib) => {
  const edited = (edit) => (text) => JSON.stringify(edit(JSON.parse(text)));
  const records = {
    'invalid JSON': () => CANARY,
    'an empty string': () => '',
    'the first half of it': (text) => text.slice(0, text.length / 2),
    null: () => 'null',
    'an array': () => '[]',
    'a number': () => '42',
    'another version': edited((record) => ({ ...record, v: 2 })),
    'no version': edited(({ v, ...record }) => record),
    'no session': edited(({ session, ...record }) => record),
    'no token': edited((record) => ({
      ...record,
      session: { ...record.session, accessToken: undefined },
    })),
    'a token that is an object': edited((record) => ({
      ...record,
      session: { ...record.session, accessToken: { CANARY } },
    })),
    'a token with a line break': edited((record) => ({
      ...record,
      session: { ...record.session, accessToken: `a\r\nx-evil: ${CANARY}` },
    })),
    'an invalid date': edited((record) => ({
      ...record,
      session: { ...record.session, expiresAt: 'some day' },
    })),
    'no user': edited((record) => ({
      ...record,
      session: { ...record.session, userId: undefined, user: undefined, users: [] },
    })),
  };
  for (const [what, edit] of Object.entries(records)) {
    test(
      `resume ignores an invalid record: ${what}`,
      inWorld(lib, {}, async (world) => {
        const storage = customStorage();
        await (await world.signedIn({ storage })).close();
        const [key, text] = storage.record();
        storage.items.set(key, edit(text));
        const client = world.client({ storage });
        equal(await resolves(() => client.resume()), 'notLoggedIn', 'state');
        await resolves(() => client.login({ userId: 'ada' }), 'login');
        const next = world.client({ storage });
        equal(
          await resolves(() => next.resume()),
          'established',
          'state of a client after a login stored a valid record',
        );
      }),
    );
  }
  test(
    'a record of an earlier epoch does not sign the user in again',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      const [key, text] = storage.record();
      // The token was not revoked, so the service would still accept it.
      world.offline();
      await resolves(() => client.logout({ revoke: false }));
      world.online();
      storage.items.set(key, text);
      equal(client.state, 'notLoggedIn', 'state');
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'result of resume');
      equal(client.state, 'notLoggedIn', 'state after resume');
    }),
  );
};

const failingStorage = (test, lib) => {
  const faults = {
    throws: () => {
      throw new Error(CANARY);
    },
    'throws a string': () => {
      throw CANARY;
    },
    rejects: async () => Promise.reject(new Error(CANARY)),
    'never settles': () => new Promise(() => {}),
    'returns an object': () => ({ CANARY }),
  };
  for (const [fault, failingMethod] of Object.entries(faults)) {
    for (const methods of [
      ['getItem'],
      ['setItem'],
      ['removeItem'],
      ['getItem', 'setItem', 'removeItem'],
    ]) {
      test(
        `a client works with storage whose ${methods.join(', ')} ${fault}`,
        inWorld(lib, {}, async (world) => {
          const working = customStorage();
          // The failing methods must throw synchronously, so they replace the async ones.
          const storage = {
            ...working,
            ...Object.fromEntries(methods.map((name) => [name, failingMethod])),
          };
          const client = world.client({ storage, timeoutMs: 200 });
          const valueOf = async (call, what) => {
            const { error, value } = await world.advanceUntilSettled(call);
            ok(error === undefined, `${what} rejected: ${error?.kind}`);
            return value;
          };
          await valueOf(() => client.resume(), 'resume');
          await valueOf(() => client.login({ userId: 'ada' }), 'login');
          equal(client.state, 'established', 'state');
          const token = await valueOf(() => client.accessToken(), 'accessToken');
          ok(await world.isTokenValid(token), 'the service rejects the token');
          await valueOf(() => client.renew(), 'renew');
          await valueOf(() => client.logout(), 'logout');
          equal(client.state, 'notLoggedIn', 'state after the logout');
          ok(
            !containsSecret(JSON.stringify(world.events)),
            'an event repeats the error of the storage',
          );
        }),
      );
    }
  }
  test(
    'full storage is reported by an event and does not end the session',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      storage.overrides.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      const client = await world.signedIn({ storage });
      ok(await world.isTokenValid(await world.token(client)), 'the service rejects the token');
      ok(
        world.events.some(({ type }) => type === 'storage'),
        `events: ${[...new Set(world.events.map(({ type }) => type))]}`,
      );
      equal(
        await resolves(() => world.client({ storage, namespace: uniqueNamespace() }).resume()),
        'notLoggedIn',
        'state of another client',
      );
    }),
  );
  test(
    'clearing the storage does not end the session, and the next renewal stores it again',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const client = await world.signedIn({ storage });
      const token = await world.token(client);
      storage.items.clear();
      equal(await world.token(client), token, 'token');
      equal(client.state, 'established', 'state');
      await resolves(() => client.renew(), 'renew');
      await client.close();
      equal(
        await resolves(() => world.client({ storage, namespace: uniqueNamespace() }).resume()),
        'notLoggedIn',
        'state of a client with another namespace',
      );
      equal(
        await resolves(() => world.client({ storage }).resume()),
        'established',
        'state of a client that resumes the renewed session',
      );
    }),
  );
};

export default ({ test, lib }) => {
  resuming(test, lib);
  invalidRecords(test, lib);
  failingStorage(test, lib);
};

// Tests resuming a session from storage. A new client resumes from a stored record if the record is
// valid. If storage fails, the session is not stored, but it does not end.
import { equal, match, ok, containsSecret } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';
import {
  DAY_MS,
  LIFETIME_MS,
  createStorage,
  withWorld,
  createNamespace,
} from './session-world.mjs';

const testResuming = (test, lib) => {
  test(
    'resume without a stored session sends no request',
    withWorld(lib, {}, async (world) => {
      for (const storage of ['memory', createStorage()]) {
        const client = world.createClient({ storage, namespace: createNamespace() });
        equal(await resolves(() => client.resume()), 'notLoggedIn', 'state');
        await rejects(() => client.accessToken(), 'notLoggedIn');
      }
      equal(world.service.requests.length, 0, 'requests');
    }),
  );
  test(
    'resume restores the user, token and device without a session request',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const first = await world.signIn({ storage }, { displayName: 'Ada' });
      const [token, deviceId, expiresAt] = [
        await world.getToken(first),
        await first.getDeviceId(),
        first.expiresAt.getTime(),
      ];
      await first.close();
      await world.advance(DAY_MS);
      const next = world.createClient({ storage });
      equal(await resolves(() => next.resume()), 'established', 'state');
      equal(next.userId, 'ada', 'userId');
      equal(next.user?.displayName, 'Ada', 'displayName');
      equal(next.userType, 'signed-in', 'userType');
      equal(next.expiresAt?.getTime(), expiresAt, 'expiresAt');
      equal(await world.getToken(next), token, 'token');
      equal(await next.getDeviceId(), deviceId, 'device');
      equal(world.countSessionRequests(), 1, 'session requests');
      equal(next.user.roles, [], 'roles');
      equal(typeof next.user.metadata, 'object', 'type of metadata');
      await resolves(() => next.renew(), 'renew');
      equal(await next.getDeviceId(), deviceId, 'device after a renewal');
    }),
  );
  test(
    'the first call of a new client resumes the stored session',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const first = await world.signIn({ storage });
      const token = await world.getToken(first);
      await first.close();
      equal(await world.getToken(world.createClient({ storage })), token, 'accessToken');
      const joining = world.createClient({ storage });
      equal(
        (await resolves(() => joining.login({ userId: 'ada' }))).userId,
        'ada',
        'user of the login',
      );
      const leaving = world.createClient({ storage });
      equal(await resolves(() => leaving.logout()), { revoked: true }, 'logout');
      equal(world.countSessionRequests(), 1, 'requests');
      equal(storage.getRecord(), undefined, 'record');
      ok(!(await world.isTokenValid(token)), 'the token is still valid');
    }),
  );
  test(
    'a stored session that has expired is renewed by resume or the next use',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      await (await world.signIn({ storage })).close();
      await world.advance(LIFETIME_MS + DAY_MS);
      const client = world.createClient({ storage });
      ok(
        ['established', 'tokenExpired', 'establishing'].includes(
          await resolves(() => client.resume()),
        ),
        `state: ${client.state}`,
      );
      ok(await world.isTokenValid(await world.getToken(client)), 'the service rejects the token');
      equal(client.state, 'established', 'state');
      equal(client.userId, 'ada', 'user');
      equal(world.countSessionRequests(), 2, 'requests');
    }),
  );
  test(
    'resume does not restore a session after a logout',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      await resolves(async () => (await world.signIn({ storage })).logout());
      equal(await resolves(() => world.createClient({ storage }).resume()), 'notLoggedIn', 'state');
    }),
  );
  test(
    'a resumed visitor stays a visitor',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const first = world.createClient({ storage });
      const { userId } = await resolves(() => first.loginAsVisitor());
      await first.close();
      const next = world.createClient({ storage });
      await resolves(() => next.resume());
      await resolves(() => next.renew());
      equal(next.userId, userId, 'user');
      equal(next.userType, 'visitor', 'type');
      equal(world.countSessionRequests(), 0, 'requests for a user session');
    }),
  );
  test(
    'the stored record has a version and contains neither the API key nor the refresh token',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const client = await world.signIn({ storage, apiVersion: 'v4' });
      const keys = [...storage.items.keys()];
      ok(
        keys.every((key) => key.startsWith(`social-plus-auth:${world.namespace}:`)),
        'a key lacks the namespace',
      );
      const [key, text] = storage.getRecord();
      match(key, /^social-plus-auth:[^:]+:[^:]+:session$/, 'key');
      ok(!keys.join().includes(world.service.apiKey), 'a key contains the API key');
      ok(!text.includes(world.service.apiKey), 'the record contains the API key');
      ok(!/refresh/i.test(text), 'the record contains the refresh token');
      const { v, epoch, session } = JSON.parse(text);
      equal(v, 1, 'version');
      equal(typeof epoch, 'number', 'type of epoch');
      equal(session.userId, 'ada', 'userId');
      equal(session.accessToken, await world.getToken(client), 'accessToken');
      ok(!('refreshToken' in session), 'the session has a refresh token');
    }),
  );
  test(
    'a renewal updates the stored record',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const first = await world.signIn({ storage });
      await resolves(() => first.renew());
      const token = await world.getToken(first);
      await first.close();
      equal(await world.getToken(world.createClient({ storage })), token, 'token');
    }),
  );
};

const testInvalidRecords = (test, lib) => {
  const createEdit = (edit) => (text) => JSON.stringify(edit(JSON.parse(text)));
  const records = {
    'invalid JSON': () => CANARY,
    'an empty string': () => '',
    'the first half of the record': (text) => text.slice(0, text.length / 2),
    null: () => 'null',
    'an array': () => '[]',
    'a number': () => '42',
    'another version': createEdit((record) => ({ ...record, v: 2 })),
    'no version': createEdit(({ v, ...record }) => record),
    'no session': createEdit(({ session, ...record }) => record),
    'no token': createEdit((record) => ({
      ...record,
      session: { ...record.session, accessToken: undefined },
    })),
    'a token that is an object': createEdit((record) => ({
      ...record,
      session: { ...record.session, accessToken: { CANARY } },
    })),
    'a token with a line break': createEdit((record) => ({
      ...record,
      session: { ...record.session, accessToken: `a\r\nx-evil: ${CANARY}` },
    })),
    'an invalid date': createEdit((record) => ({
      ...record,
      session: { ...record.session, expiresAt: 'some day' },
    })),
    'no user': createEdit((record) => ({
      ...record,
      session: { ...record.session, userId: undefined, user: undefined, users: [] },
    })),
  };
  for (const [what, edit] of Object.entries(records)) {
    test(
      `resume ignores an invalid record: ${what}`,
      withWorld(lib, {}, async (world) => {
        const storage = createStorage();
        await (await world.signIn({ storage })).close();
        const [key, text] = storage.getRecord();
        storage.items.set(key, edit(text));
        const client = world.createClient({ storage });
        equal(await resolves(() => client.resume()), 'notLoggedIn', 'state');
        await resolves(() => client.login({ userId: 'ada' }), 'login');
        const next = world.createClient({ storage });
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
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const client = await world.signIn({ storage });
      const [key, text] = storage.getRecord();
      // The logout does not revoke the token, so the service would still accept it.
      world.goOffline();
      await resolves(() => client.logout({ revoke: false }));
      world.goOnline();
      storage.items.set(key, text);
      equal(client.state, 'notLoggedIn', 'state');
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      equal(await resolves(() => client.resume()), 'notLoggedIn', 'result of resume');
      equal(client.state, 'notLoggedIn', 'state after resume');
    }),
  );
};

const testFailingStorage = (test, lib) => {
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
        withWorld(lib, {}, async (world) => {
          const working = createStorage();
          // `overrides` makes only async methods. Some faults must throw synchronously, so replace
          // the methods themselves.
          const storage = {
            ...working,
            ...Object.fromEntries(methods.map((name) => [name, failingMethod])),
          };
          const client = world.createClient({ storage, timeoutMs: 200 });
          const getValue = async (call, what) => {
            const { error, value } = await world.advanceUntilSettled(call);
            ok(error === undefined, `${what} rejected: ${error?.kind}`);
            return value;
          };
          await getValue(() => client.resume(), 'resume');
          await getValue(() => client.login({ userId: 'ada' }), 'login');
          equal(client.state, 'established', 'state');
          const token = await getValue(() => client.accessToken(), 'accessToken');
          ok(await world.isTokenValid(token), 'the service rejects the token');
          await getValue(() => client.renew(), 'renew');
          await getValue(() => client.logout(), 'logout');
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
    'full storage causes an event and does not end the session',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      storage.overrides.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      const client = await world.signIn({ storage });
      ok(await world.isTokenValid(await world.getToken(client)), 'the service rejects the token');
      ok(
        world.events.some(({ type }) => type === 'storage'),
        `events: ${[...new Set(world.events.map(({ type }) => type))]}`,
      );
      await client.close();
      equal(
        await resolves(() => world.createClient({ storage }).resume()),
        'notLoggedIn',
        'state of the next client',
      );
    }),
  );
  test(
    'clearing the storage does not end the session, and a renewal stores the session again',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const client = await world.signIn({ storage });
      const token = await world.getToken(client);
      storage.items.clear();
      equal(await world.getToken(client), token, 'token');
      equal(client.state, 'established', 'state');
      await resolves(() => client.renew(), 'renew');
      await client.close();
      equal(
        await resolves(() =>
          world.createClient({ storage, namespace: createNamespace() }).resume(),
        ),
        'notLoggedIn',
        'state of a client with another namespace',
      );
      equal(
        await resolves(() => world.createClient({ storage }).resume()),
        'established',
        'state of a client that resumes the renewed session',
      );
    }),
  );
};

export default ({ test, lib }) => {
  testResuming(test, lib);
  testInvalidRecords(test, lib);
  testFailingStorage(test, lib);
};

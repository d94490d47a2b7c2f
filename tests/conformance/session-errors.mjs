// Tests the errors with which the calls of a SessionClient reject: their kind, operation and field,
// and what they say.
import { equal, match, ok } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import {
  DAY_MS,
  ENDPOINT,
  LIFETIME_MS,
  SESSIONS,
  SETTINGS,
  createNamespace,
  createStorage,
  withWorld,
} from './session-world.mjs';
import { createVirtualClock } from './virtual-clock.mjs';

const listCalls = (client) => ({
  resume: (call) => client.resume(call),
  login: (call) => client.login({ userId: 'ada', ...call }),
  loginAsVisitor: (call) => client.loginAsVisitor(call),
  loginAsBot: (call) => client.loginAsBot(call),
  accessToken: (call) => client.accessToken(call),
  renew: (call) => client.renew(call),
  fetch: (call) => client.fetch(SETTINGS, call),
  logout: (call) => client.logout(call),
  secureLogout: (call) => client.secureLogout(call),
});

const testOperations = (test, lib) => {
  test(
    'a call whose signal has aborted rejects with its operation, even if it needs no request',
    withWorld(lib, {}, async (world) => {
      for (const client of [world.createClient(), await world.signIn()]) {
        const before = world.service.requests.length;
        for (const [operation, call] of Object.entries(listCalls(client))) {
          const expected = { kind: 'aborted', operation, retryable: false };
          await rejects(() => call({ signal: AbortSignal.abort() }), expected, operation);
        }
        equal(world.service.requests.length, before, 'requests');
      }
    }),
  );
  test(
    'an invalid signal is refused with the operation of the call',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      for (const [operation, call] of Object.entries(listCalls(client))) {
        const expected = { kind: 'invalidRequest', operation, field: 'signal' };
        await rejects(() => call({ signal: {} }), expected, operation);
      }
      let error;
      try {
        client.states({ signal: {} });
      } catch (thrown) {
        error = thrown;
      }
      equal([error?.kind, error?.operation], ['invalidRequest', 'states'], 'error of states');
    }),
  );
  test(
    'without a user, each call that needs one names its operation and says to log in',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      for (const operation of ['accessToken', 'renew', 'fetch']) {
        const expected = { kind: 'notLoggedIn', message: /call login\(\)/ };
        const error = await rejects(listCalls(client)[operation], expected, operation);
        ok(
          [operation, 'accessToken'].includes(error.operation),
          `${operation} is reported as ${error.operation}`,
        );
      }
      await rejects(() => client.renew(), { kind: 'notLoggedIn', operation: 'renew' });
    }),
  );
  test(
    'after the service has ended the session, a call says to log out first',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.service.banUser('ada');
      await client.renew().catch(() => {});
      equal(client.state, 'terminated', 'state');
      const expected = { kind: 'terminated', message: /call logout\(\) first/ };
      await rejects(() => client.accessToken(), expected, 'accessToken');
      await rejects(() => client.renew(), { ...expected, operation: 'renew' }, 'renew');
    }),
  );
  test(
    'a call that close interrupts is aborted and says that the client was closed',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const held = world.hold();
      const renewal = rejects(() => client.renew(), { kind: 'aborted', message: /closed/ });
      await held.arrived;
      await client.close();
      await renewal;
      for (const [operation, call] of Object.entries(listCalls(client)))
        await rejects(call, { kind: 'aborted', message: /closed/ }, operation);
    }),
  );
};

const testArguments = (test, lib) => {
  test(
    'loginWithSession refuses what is no session, and says what it expects',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      for (const value of [undefined, null, 7, '', '{', '{}', {}, [], CANARY])
        await rejects(() => client.loginWithSession(value), {
          kind: 'invalidRequest',
          operation: 'loginWithSession',
          message: /Expected a session of `createSession`, or its JSON/,
        });
      equal(client.state, 'notLoggedIn', 'state');
    }),
  );
  test(
    'loginWithSession refuses the session of another device, and names the field',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const { service } = world;
      const options = { endpoint: ENDPOINT, apiKey: service.apiKey, fetch: service.fetch };
      const createFor = (deviceId) =>
        resolves(() => lib.browser.createSession(options, { userId: 'ada', deviceId }));
      await rejects(async () => client.loginWithSession(await createFor('another device')), {
        kind: 'invalidRequest',
        operation: 'loginWithSession',
        field: 'deviceId',
        message: /getDeviceId\(\)/,
      });
      equal(client.state, 'notLoggedIn', 'state');
      const session = await createFor(await client.getDeviceId());
      const user = await resolves(() => client.loginWithSession(session));
      equal([user.userId, client.userId], ['ada', 'ada'], 'user');
    }),
  );
  test(
    'accessToken refuses a validity that is no number of milliseconds',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      for (const minValidityMs of [-1, NaN, '5', {}])
        await rejects(() => client.accessToken({ minValidityMs }), {
          kind: 'invalidRequest',
          operation: 'accessToken',
          field: 'minValidityMs',
        });
      const { message } = await client.accessToken({ minValidityMs: -1 }).catch((error) => error);
      match(message, /must be at least 0/, 'message');
      await rejects(() => client.accessToken({ minValidityMs: 0 }), 'notLoggedIn');
    }),
  );
  test(
    'logout refuses a `revoke` that is no boolean, and leaves the user signed in',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      for (const revoke of ['false', 0, {}])
        await rejects(() => client.logout({ revoke }), {
          kind: 'invalidRequest',
          operation: 'logout',
          field: 'revoke',
        });
      equal(client.state, 'established', 'state');
    }),
  );
  test(
    'fetch refuses an input whose signal cannot be read',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const throwing = {
        clone() {},
        get signal() {
          throw new Error(CANARY);
        },
      };
      await rejects(() => client.fetch(throwing), { kind: 'invalidRequest', operation: 'fetch' });
      const init = Object.defineProperty({}, 'signal', { get: () => throwing.signal });
      await rejects(() => client.fetch(SETTINGS, init), {
        kind: 'invalidRequest',
        operation: 'fetch',
      });
    }),
  );
};

const testOutages = (test, lib) => {
  test(
    'during an outage, accessToken returns a token that is still valid, however short',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn({ namespace: createNamespace() });
      const token = await world.getToken(client);
      world.goOffline();
      world.sleep(LIFETIME_MS - DAY_MS);
      const request = { minValidityMs: LIFETIME_MS };
      equal(await world.getToken(client, request), token, 'token at the first attempt');
      equal(await world.getToken(client, request), token, 'token before the next attempt');
      equal(
        await world.getToken(client, { ...request, signal: new AbortController().signal }),
        token,
        'token of a call with a signal',
      );
      world.sleep(2 * DAY_MS);
      await rejects(() => client.accessToken(), 'network', 'after the expiry');
    }),
  );
  test(
    'between two attempts of an outage, a call rejects without a request',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn({ namespace: createNamespace() });
      world.goOffline();
      world.sleep(LIFETIME_MS + DAY_MS);
      await rejects(() => client.accessToken(), 'network');
      const before = world.countSessionRequests();
      await rejects(() => client.accessToken(), 'network');
      equal(world.countSessionRequests(), before, 'requests');
    }),
  );
  test(
    'a renewal that returns the session of another user fails with invalidResponse',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn({ namespace: createNamespace() });
      const { service } = world;
      world.respond = async (url, init, path) => {
        if (path !== SESSIONS) return undefined;
        const body = JSON.stringify({ ...JSON.parse(init.body), userId: 'eve' });
        const response = await service.fetch(url, { ...init, body });
        return createResponse(await response.text());
      };
      await client.renew().catch(() => {});
      const [{ error, nextAttemptAt }] = client.seen.failed;
      equal(error.kind, 'invalidResponse', 'kind');
      ok(nextAttemptAt.getTime() > world.clock.now(), 'the next attempt is not in the future');
      equal(client.userId, 'ada', 'user');
    }),
  );
};

/** Each row holds options, and the field and the message of the error. */
const INVALID_OPTIONS = [
  [{ apiKey: undefined }, 'apiKey', /missing or empty/],
  [{ apiKey: '' }, 'apiKey', /missing or empty/],
  [{ region: undefined }, undefined, /exactly one of `region` and `endpoint`/],
  [{ region: '' }, undefined, /exactly one of `region` and `endpoint`/],
  [{ endpoint: ENDPOINT }, undefined, /exactly one of `region` and `endpoint`/],
  [{ deviceId: '' }, 'deviceId', /must be 1 to \d+ characters \(got 0\)/],
  [{ deviceId: 'x'.repeat(1_000) }, 'deviceId', /must be 1 to \d+ characters \(got 1000\)/],
  [{ namespace: '' }, 'namespace', /must not be empty/],
  [{ authTokenFrom: '' }, 'authTokenFrom', /must not be empty/],
  [{ authTokenFrom: 7 }, 'authTokenFrom', /./],
  [{ visitorSignatureFrom: '' }, 'visitorSignatureFrom', /must not be empty/],
  [{ visitorSignatureFrom: {} }, 'visitorSignatureFrom', /./],
  [
    { storage: 'cookie' },
    'storage',
    /'memory', 'local' or 'encrypted', or have the methods getItem/,
  ],
  [{ storage: null }, 'storage', /have the methods getItem, setItem, removeItem/],
  ...['getItem', 'setItem', 'removeItem'].map((name) => [
    { storage: { ...createStorage(), [name]: undefined } },
    'storage',
    /getItem, setItem, removeItem/,
  ]),
  ...['now', 'monotonic', 'setTimeout', 'clearTimeout'].map((name) => [
    { clock: { ...createVirtualClock({ at: 0 }).clock, [name]: undefined } },
    'clock',
    /must have the methods now, monotonic, setTimeout, clearTimeout/,
  ]),
];

/** Each row holds options that may seem invalid but are not. */
const VALID_OPTIONS = [
  { deviceId: 'x' },
  { deviceId: undefined, namespace: undefined, storage: undefined, clock: undefined },
  { region: undefined, endpoint: ENDPOINT },
  { region: '', endpoint: ENDPOINT },
  { authTokenFrom: '/auth/token', visitorSignatureFrom: '/auth/visitor' },
  { authTokenFrom: async () => 'x', visitorSignatureFrom: async () => ({}) },
  { authTokenFrom: new URL('https://app.example/auth/token') },
  ...['memory', 'local', 'encrypted'].map((storage) => ({ storage })),
  { storage: createStorage() },
  { clock: createVirtualClock({ at: 0 }).clock },
];

const testOptions = (test, lib) => {
  const valid = { region: 'eu', apiKey: 'k' };
  const construct = (options) => {
    try {
      new lib.browser.SessionClient({ ...valid, ...options });
      return undefined;
    } catch (error) {
      return error;
    }
  };
  test('the constructor names the invalid option and says what is wrong with it', () => {
    for (const [options, field, message] of INVALID_OPTIONS) {
      const what = Object.entries(options).join();
      const error = construct(options);
      equal([error?.kind, error?.operation], ['config', 'SessionClient'], `error for ${what}`);
      equal(error.field, field, `field of the error for ${what}`);
      match(error.message, message, `message for ${what}`);
    }
  });
  test('the constructor accepts every form of its options', () => {
    for (const options of VALID_OPTIONS)
      equal(construct(options)?.message, undefined, `error for ${Object.entries(options).join()}`);
  });
  test('the constructor accepts a device id of the maximum length', () => {
    const message = construct({ deviceId: 'x'.repeat(1_000) })?.message ?? '';
    const max = Number(/1 to (\d+) characters/.exec(message)?.[1]);
    equal(construct({ deviceId: 'x'.repeat(max) })?.message, undefined, `error for ${max}`);
    ok(construct({ deviceId: 'x'.repeat(max + 1) }), `${max + 1} characters were accepted`);
  });
};

export default ({ test, lib }) =>
  [testOptions, testOperations, testArguments, testOutages].forEach((part) => part(test, lib));

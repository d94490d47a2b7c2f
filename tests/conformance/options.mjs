// Tests invalid options (kind `config`) and invalid requests (kind `invalidRequest`): a call
// rejects before it sends a request, and its error does not repeat the value. Also tests which
// options and fields some calls send.
import { equal, match, ok } from './harness.mjs';
import {
  ACCESS_TOKEN,
  API_KEY,
  CANARY,
  SERVER_KEY,
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  rejectsWithoutRequest,
  resolves,
} from './helpers.mjs';

const describe = (value) => {
  if (typeof value === 'string')
    return `'${value.replaceAll(CANARY, '…').replace(/[^ -~]/g, '?')}'`;
  if (Array.isArray(value)) return 'an array';
  return value !== null && typeof value === 'object' ? 'an object' : String(value).slice(0, 20);
};
const NOT_STRINGS = [42, 42n, true, Symbol('x'), {}, [], () => 'x'];
const UNSAFE_STRINGS = [
  `${CANARY}\n`,
  `a\r\nb: ${CANARY}`,
  `${CANARY}é`,
  `a ${CANARY}`,
  ` ${CANARY}`,
  `${CANARY}\0`,
  `${CANARY}\x7f`,
  `${CANARY}👩`,
];

const createThrowingGetter = (field) =>
  Object.defineProperty({}, field, {
    enumerable: true,
    get: () => {
      throw new Error(CANARY);
    },
  });
const override = (base, changes) =>
  Object.defineProperties({ ...base }, Object.getOwnPropertyDescriptors(changes));

const INVALID_OPTIONS = {
  region: ['xx', 'euro', '', ...NOT_STRINGS],
  apiVersion: ['v6', 'V5', '', '5', ...NOT_STRINGS],
  timeoutMs: ['soon', Number.NaN, Number.POSITIVE_INFINITY, -1, 0, {}, 5n],
  retry: [
    'no',
    3,
    true,
    { attempts: 'x' },
    { attempts: 0 },
    { attempts: -1 },
    { attempts: Number.NaN },
    { baseDelayMs: 'x' },
    { baseDelayMs: -1 },
    { maxDelayMs: 'x' },
    { maxDelayMs: -1 },
  ],
  fetch: [42, 'fetch', {}],
  onEvent: [42, 'log', {}],
};

const testOptions = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const createSession = (changes) => (fetch) =>
      api.createSession(override({ region: 'eu', apiKey: API_KEY, fetch }, changes), {
        userId: 'ada',
        deviceId: 'dev-1',
      });
    for (const [field, values] of Object.entries(INVALID_OPTIONS)) {
      for (const value of values) {
        test(`${entry} createSession rejects ${field}: ${describe(value)}`, () =>
          rejectsWithoutRequest(createSession({ [field]: value }), {
            kind: 'config',
            operation: 'createSession',
            message: new RegExp(field),
          }));
      }
    }
    for (const value of [undefined, null, '', ...NOT_STRINGS, ...UNSAFE_STRINGS]) {
      test(`${entry} createSession rejects apiKey: ${describe(value)}`, () =>
        rejectsWithoutRequest(createSession({ apiKey: value }), {
          kind: 'config',
          operation: 'createSession',
          message: /apiKey/,
        }));
    }
    for (const field of [
      'apiKey',
      'region',
      'apiVersion',
      'timeoutMs',
      'retry',
      'fetch',
      'onEvent',
    ]) {
      test(`${entry} createSession rejects a throwing getter of ${field}`, () =>
        rejects(() => createSession(createThrowingGetter(field))(createRecordingFetch()), {
          kind: 'config',
          attempts: 0,
        }));
    }
    for (const { operation } of listOperations(api)) {
      for (const invalid of [undefined, null, 42, 'eu', true, [], Symbol('x')]) {
        test(`${entry} ${operation} rejects options that are ${describe(invalid)}`, () =>
          rejects(
            () =>
              api[operation](
                invalid,
                /^(verify|revoke)/.test(operation)
                  ? ACCESS_TOKEN
                  : { userId: 'ada', deviceId: 'dev-1', refreshToken: 'r' },
              ),
            { kind: 'config', operation, attempts: 0 },
          ));
      }
    }
    for (const [operation, call] of [
      ['verifySession', api.verifySession],
      ['revokeSession', api.revokeSession],
    ]) {
      test(`${entry} ${operation} never sends the API key`, async () => {
        for (const apiKey of [undefined, API_KEY]) {
          const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
          await resolves(() => call({ region: 'eu', apiKey, fetch }, ACCESS_TOKEN));
          const headers = new Headers(fetch.calls[0].init.headers);
          ok(!headers.has('x-api-key'), 'the request has an x-api-key header');
        }
      });
    }
    test(`${entry}: an option that is undefined counts as omitted`, async () => {
      const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
      await resolves(() =>
        createSession({
          apiVersion: undefined,
          endpoint: undefined,
          timeoutMs: undefined,
          retry: undefined,
          onEvent: undefined,
        })(fetch),
      );
      match(fetch.calls[0].url, /\/api\/v5\/sessions$/, 'URL with the default version');
    });
  }
};

const INVALID_REQUESTS = {
  userId: ['', undefined, null, '\ud800', 'ada\udc00', ...NOT_STRINGS],
  deviceId: ['', undefined, null, '\ud800', ...NOT_STRINGS],
  displayName: [42, {}, true, Symbol('x')],
  profileHandle: [42, {}, true],
  authToken: ['', 42, {}, true],
  deviceInfo: [42, 'web', true],
  signal: [42, 'stop', {}, true],
};
const INVALID_DEVICE_INFO = {
  kind: ['windows', 'WEB', '', 42],
  model: [42, {}],
  sdkVersion: [42, {}],
};

const testRequests = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const createSession = (changes) => (fetch) =>
      api.createSession(
        { region: 'eu', apiKey: API_KEY, fetch },
        override({ userId: 'ada', deviceId: 'dev-1' }, changes),
      );
    for (const [field, values] of Object.entries(INVALID_REQUESTS)) {
      for (const value of values) {
        test(`${entry} createSession rejects ${field}: ${describe(value)}`, () =>
          rejectsWithoutRequest(createSession({ [field]: value }), {
            kind: 'invalidRequest',
            operation: 'createSession',
            message: new RegExp(field),
          }));
      }
      test(`${entry} createSession rejects a throwing getter of ${field}`, () =>
        rejectsWithoutRequest(createSession(createThrowingGetter(field)), {
          kind: 'invalidRequest',
        }));
    }
    for (const [field, values] of Object.entries(INVALID_DEVICE_INFO)) {
      for (const value of values) {
        test(`${entry} createSession rejects deviceInfo.${field}: ${describe(value)}`, () =>
          rejectsWithoutRequest(createSession({ deviceInfo: { [field]: value } }), {
            kind: 'invalidRequest',
            message: new RegExp(field),
          }));
      }
      test(`${entry} createSession rejects a throwing getter of deviceInfo.${field}`, () =>
        rejectsWithoutRequest(createSession({ deviceInfo: createThrowingGetter(field) }), {
          kind: 'invalidRequest',
        }));
    }
    for (const invalid of [undefined, null, 42, 'ada', true]) {
      test(`${entry} createSession rejects a request that is ${describe(invalid)}`, () =>
        rejectsWithoutRequest(
          (fetch) => api.createSession({ region: 'eu', apiKey: API_KEY, fetch }, invalid),
          {
            kind: 'invalidRequest',
            operation: 'createSession',
          },
        ));
    }
    test(`${entry} createSession rejects a proxy that throws on every access`, () => {
      const throwingProxy = new Proxy(
        {},
        {
          get: () => {
            throw CANARY;
          },
          has: () => {
            throw CANARY;
          },
          ownKeys: () => {
            throw CANARY;
          },
        },
      );
      return rejectsWithoutRequest(
        (fetch) => api.createSession({ region: 'eu', apiKey: API_KEY, fetch }, throwingProxy),
        { kind: 'invalidRequest' },
      );
    });
    for (const operation of ['verifySession', 'revokeSession']) {
      for (const value of [undefined, null, '', ...NOT_STRINGS, ...UNSAFE_STRINGS]) {
        test(`${entry} ${operation} rejects an access token that is ${describe(value)}`, () =>
          rejectsWithoutRequest((fetch) => api[operation]({ region: 'eu', fetch }, value), {
            kind: 'invalidRequest',
            operation,
            message: /accessToken/,
          }));
      }
      test(`${entry} ${operation} rejects a signal that is a string`, () =>
        rejectsWithoutRequest(
          (fetch) => api[operation]({ region: 'eu', fetch }, ACCESS_TOKEN, { signal: 'stop' }),
          {
            kind: 'invalidRequest',
            message: /signal/,
          },
        ));
    }
  }
};

const testRefresh = ({ test, lib: { browser } }) => {
  const call = (changes) => (fetch) =>
    browser.refreshAccessToken(
      { region: 'eu', apiKey: API_KEY, fetch },
      { userId: 'ada', refreshToken: CANARY, ...changes },
    );
  for (const [field, values] of [
    ['userId', INVALID_REQUESTS.userId],
    ['refreshToken', [undefined, null, '', ...NOT_STRINGS]],
  ]) {
    for (const value of values) {
      test(`browser refreshAccessToken rejects ${field}: ${describe(value)}`, () =>
        rejectsWithoutRequest(call({ [field]: value }), {
          kind: 'invalidRequest',
          operation: 'refreshAccessToken',
          message: new RegExp(field),
        }));
    }
  }
  test('browser refreshAccessToken escapes its query and sends no other data', async () => {
    const fetch = createRecordingFetch(async () => createResponse({ accessToken: ACCESS_TOKEN }));
    equal(
      await resolves(() => call({ userId: 'a b&c=d/é+', refreshToken: 'r&t=1#+%' })(fetch)),
      ACCESS_TOKEN,
      'token',
    );
    const [{ url, init }] = fetch.calls;
    equal(
      url,
      'https://apix.eu.amity.co/v1/accessToken' +
        '?userId=a%20b%26c%3Dd%2F%C3%A9%2B&refreshToken=r%26t%3D1%23%2B%25',
      'URL',
    );
    equal(init.method, 'GET', 'method');
    equal(
      Object.fromEntries(new Headers(init.headers)),
      { 'x-api-key': API_KEY, accept: 'application/json' },
      'headers',
    );
  });
};

const testServerKeys = ({ test, lib: { edge } }) => {
  if (!edge) return;
  const mint = (changes, request) => (fetch) =>
    edge.createAuthToken(
      { region: 'eu', serverKey: SERVER_KEY, fetch, ...changes },
      { userId: 'ada', ...request },
    );
  for (const value of [undefined, null, '', ...NOT_STRINGS, ...UNSAFE_STRINGS]) {
    test(`edge createAuthToken rejects serverKey: ${describe(value)}`, () =>
      rejectsWithoutRequest(mint({ serverKey: value }), {
        kind: 'config',
        operation: 'createAuthToken',
        message: /serverKey/,
      }));
  }
  for (const value of INVALID_REQUESTS.userId) {
    for (const apiVersion of ['v3', 'v4']) {
      test(`edge createAuthToken ${apiVersion} rejects userId: ${describe(value)}`, () =>
        rejectsWithoutRequest(mint({ apiVersion }, { userId: value }), {
          kind: 'invalidRequest',
          operation: 'createAuthToken',
          message: /userId/,
        }));
    }
  }
  test('edge createAuthToken rejects v5, which has no such call', () =>
    rejectsWithoutRequest(mint({ apiVersion: 'v5' }), { kind: 'config', message: /apiVersion/ }));
  for (const [what, options, request, kind] of [
    ['a device id over the limit of sessions', {}, { deviceId: 'd'.repeat(151) }, 'invalidRequest'],
    ['a user id with a prefix that sessions refuse', {}, { userId: 'ADMIN_ada' }, 'invalidRequest'],
    ['an unknown session version', { sessionApiVersion: 'v6' }, {}, 'config'],
    ['a missing API key', { apiKey: undefined }, {}, 'config'],
    ['a missing server key', { serverKey: undefined }, {}, 'config'],
  ]) {
    test(`edge exchangeSession mints no auth token for ${what}`, () =>
      rejectsWithoutRequest(
        (fetch) =>
          edge.exchangeSession(
            { region: 'eu', apiKey: API_KEY, serverKey: SERVER_KEY, fetch, ...options },
            { userId: 'ada', deviceId: 'dev-1', ...request },
          ),
        { kind },
      ));
  }
};

export default (context) =>
  [testOptions, testRequests, testRefresh, testServerKeys].forEach((part) => part(context));

// What a caller can get wrong: options (`config`) and requests (`invalidRequest`). Each is refused
// before anything is sent, by a rejection that names the field and never repeats the value.
import { equal, match } from './harness.mjs';
import {
  ACCESS_TOKEN,
  API_KEY,
  CANARY,
  SERVER_KEY,
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
  rejectsUnsent,
} from './helpers.mjs';

const label = (value) => {
  if (typeof value === 'string')
    return `'${value.replaceAll(CANARY, '…').replace(/[^ -~]/g, '?')}'`;
  if (Array.isArray(value)) return 'an array';
  return value !== null && typeof value === 'object' ? 'an object' : String(value).slice(0, 20);
};
const notText = [42, 42n, true, Symbol('x'), {}, [], () => 'x'];
const unsafe = [
  `${CANARY}\n`,
  `a\r\nb: ${CANARY}`,
  `${CANARY}é`,
  `a ${CANARY}`,
  ` ${CANARY}`,
  `${CANARY}\0`,
  `${CANARY}\x7f`,
  `${CANARY}👩`,
];

const thrower = (field) =>
  Object.defineProperty({}, field, {
    enumerable: true,
    get: () => {
      throw new Error(CANARY);
    },
  });
const laid = (over, base) =>
  Object.defineProperties({ ...base }, Object.getOwnPropertyDescriptors(over));

const badOptions = {
  region: ['xx', 'euro', '', ...notText],
  apiVersion: ['v6', 'V5', '', '5', ...notText],
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

const options = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    const session = (over) => (fetch) =>
      api.createSession(laid(over, { region: 'eu', apiKey: API_KEY, fetch }), {
        userId: 'ada',
        deviceId: 'dev-1',
      });
    for (const [field, values] of Object.entries(badOptions)) {
      for (const value of values) {
        test(`${entry} createSession refuses ${field}: ${label(value)}`, () =>
          rejectsUnsent(session({ [field]: value }), {
            kind: 'config',
            operation: 'createSession',
            message: new RegExp(field),
          }));
      }
    }
    for (const value of [undefined, null, '', ...notText, ...unsafe]) {
      test(`${entry} createSession refuses apiKey: ${label(value)}`, () =>
        rejectsUnsent(session({ apiKey: value }), {
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
      test(`${entry} createSession survives a getter of ${field} that throws`, () =>
        rejects(() => session(thrower(field))(recordingFetch()), { kind: 'config', attempts: 0 }));
    }
    for (const { operation } of operations(api)) {
      for (const bad of [undefined, null, 42, 'eu', true, [], Symbol('x')]) {
        test(`${entry} ${operation} refuses options that are ${label(bad)}`, () =>
          rejects(
            () =>
              api[operation](
                bad,
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
      test(`${entry} ${operation} needs no API key and sends none`, async () => {
        for (const apiKey of [undefined, API_KEY]) {
          const fetch = recordingFetch(async (url, init) => healthyService(url, init));
          await resolves(() => call({ region: 'eu', apiKey, fetch }, ACCESS_TOKEN));
          equal(new Headers(fetch.calls[0].init.headers).has('x-api-key'), false, 'x-api-key sent');
        }
      });
    }
    test(`${entry}: options that are undefined count as left out`, async () => {
      const fetch = recordingFetch(async (url, init) => healthyService(url, init));
      await resolves(() =>
        session({
          apiVersion: undefined,
          endpoint: undefined,
          timeoutMs: undefined,
          retry: undefined,
          onEvent: undefined,
        })(fetch),
      );
      match(fetch.calls[0].url, /\/api\/v5\/sessions$/, 'the default version');
    });
  }
};

const badRequests = {
  userId: ['', undefined, null, '\ud800', 'ada\udc00', ...notText],
  deviceId: ['', undefined, null, '\ud800', ...notText],
  displayName: [42, {}, true, Symbol('x')],
  profileHandle: [42, {}, true],
  authToken: ['', 42, {}, true],
  deviceInfo: [42, 'web', true],
  signal: [42, 'stop', {}, true],
};
const badDevice = { kind: ['windows', 'WEB', '', 42], model: [42, {}], sdkVersion: [42, {}] };

const requests = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    const session = (over) => (fetch) =>
      api.createSession(
        { region: 'eu', apiKey: API_KEY, fetch },
        laid(over, { userId: 'ada', deviceId: 'dev-1' }),
      );
    for (const [field, values] of Object.entries(badRequests)) {
      for (const value of values) {
        test(`${entry} createSession refuses ${field}: ${label(value)}`, () =>
          rejectsUnsent(session({ [field]: value }), {
            kind: 'invalidRequest',
            operation: 'createSession',
            message: new RegExp(field),
          }));
      }
      test(`${entry} createSession survives a getter of ${field} that throws`, () =>
        rejectsUnsent(session(thrower(field)), { kind: 'invalidRequest' }));
    }
    for (const [field, values] of Object.entries(badDevice)) {
      for (const value of values) {
        test(`${entry} createSession refuses deviceInfo.${field}: ${label(value)}`, () =>
          rejectsUnsent(session({ deviceInfo: { [field]: value } }), {
            kind: 'invalidRequest',
            message: new RegExp(field),
          }));
      }
      test(`${entry} createSession survives a getter of deviceInfo.${field} that throws`, () =>
        rejectsUnsent(session({ deviceInfo: thrower(field) }), { kind: 'invalidRequest' }));
    }
    for (const bad of [undefined, null, 42, 'ada', true]) {
      test(`${entry} createSession refuses a request that is ${label(bad)}`, () =>
        rejectsUnsent((fetch) => api.createSession({ region: 'eu', apiKey: API_KEY, fetch }, bad), {
          kind: 'invalidRequest',
          operation: 'createSession',
        }));
    }
    test(`${entry} createSession survives a proxy that throws at every touch`, () => {
      const hostile = new Proxy(
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
      return rejectsUnsent(
        (fetch) => api.createSession({ region: 'eu', apiKey: API_KEY, fetch }, hostile),
        { kind: 'invalidRequest' },
      );
    });
    for (const operation of ['verifySession', 'revokeSession']) {
      for (const value of [undefined, null, '', ...notText, ...unsafe]) {
        test(`${entry} ${operation} refuses an access token that is ${label(value)}`, () =>
          rejectsUnsent((fetch) => api[operation]({ region: 'eu', fetch }, value), {
            kind: 'invalidRequest',
            operation,
            message: /accessToken/,
          }));
      }
      test(`${entry} ${operation} refuses a signal that is none`, () =>
        rejectsUnsent(
          (fetch) => api[operation]({ region: 'eu', fetch }, ACCESS_TOKEN, { signal: 'stop' }),
          {
            kind: 'invalidRequest',
            message: /signal/,
          },
        ));
    }
  }
};

const refresh = ({ test, lib: { browser } }) => {
  const call = (over) => (fetch) =>
    browser.refreshAccessToken(
      { region: 'eu', apiKey: API_KEY, fetch },
      { userId: 'ada', refreshToken: CANARY, ...over },
    );
  for (const [field, values] of [
    ['userId', badRequests.userId],
    ['refreshToken', [undefined, null, '', ...notText]],
  ]) {
    for (const value of values) {
      test(`browser refreshAccessToken refuses ${field}: ${label(value)}`, () =>
        rejectsUnsent(call({ [field]: value }), {
          kind: 'invalidRequest',
          operation: 'refreshAccessToken',
          message: new RegExp(field),
        }));
    }
  }
  test('browser refreshAccessToken escapes what it puts into the address, and sends nothing else', async () => {
    const fetch = recordingFetch(async () => answer({ accessToken: ACCESS_TOKEN }));
    equal(
      await resolves(() => call({ userId: 'a b&c=d/é+', refreshToken: 'r&t=1#+%' })(fetch)),
      ACCESS_TOKEN,
      'the new token',
    );
    const [{ url, init }] = fetch.calls;
    equal(
      url,
      'https://apix.eu.amity.co/v1/accessToken?userId=a%20b%26c%3Dd%2F%C3%A9%2B&refreshToken=r%26t%3D1%23%2B%25',
      'address',
    );
    equal(init.method, 'GET', 'method');
    equal(
      Object.fromEntries(new Headers(init.headers)),
      { 'x-api-key': API_KEY, accept: 'application/json' },
      'headers',
    );
  });
};

const serverKeys = ({ test, lib: { edge } }) => {
  if (!edge) return;
  const mint = (over, more) => (fetch) =>
    edge.createAuthToken(
      { region: 'eu', serverKey: SERVER_KEY, fetch, ...over },
      { userId: 'ada', ...more },
    );
  for (const value of [undefined, null, '', ...notText, ...unsafe]) {
    test(`edge createAuthToken refuses serverKey: ${label(value)}`, () =>
      rejectsUnsent(mint({ serverKey: value }), {
        kind: 'config',
        operation: 'createAuthToken',
        message: /serverKey/,
      }));
  }
  for (const value of badRequests.userId) {
    for (const apiVersion of ['v3', 'v4']) {
      test(`edge createAuthToken ${apiVersion} refuses userId: ${label(value)}`, () =>
        rejectsUnsent(mint({ apiVersion }, { userId: value }), {
          kind: 'invalidRequest',
          operation: 'createAuthToken',
          message: /userId/,
        }));
    }
  }
  test('edge createAuthToken refuses v5, which has no such call', () =>
    rejectsUnsent(mint({ apiVersion: 'v5' }), { kind: 'config', message: /apiVersion/ }));
  for (const [what, over, more, kind] of [
    [
      'a device id that the session would refuse',
      {},
      { deviceId: 'd'.repeat(151) },
      'invalidRequest',
    ],
    ['a user id that the session would refuse', {}, { userId: 'ADMIN_ada' }, 'invalidRequest'],
    ['a session version that there is not', { sessionApiVersion: 'v6' }, {}, 'config'],
    ['a missing API key', { apiKey: undefined }, {}, 'config'],
    ['a missing server key', { serverKey: undefined }, {}, 'config'],
  ]) {
    test(`edge exchangeSession mints nothing for ${what}`, () =>
      rejectsUnsent(
        (fetch) =>
          edge.exchangeSession(
            { region: 'eu', apiKey: API_KEY, serverKey: SERVER_KEY, fetch, ...over },
            { userId: 'ada', deviceId: 'dev-1', ...more },
          ),
        { kind },
      ));
  }
};

export default (context) =>
  [options, requests, refresh, serverKeys].forEach((part) => part(context));

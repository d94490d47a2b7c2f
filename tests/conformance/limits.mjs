// Tests the length limits of session requests, auth-token requests and the server key, in UTF-16
// code units. A value at the limit is sent. A longer value is rejected before a request is sent,
// with an error that names the field and the limit. Also tests reserved user ids and special
// characters.
import { equal, ok } from './harness.mjs';
import {
  API_KEY,
  SERVER_KEY,
  listEntries,
  respondWithSuccess,
  createRecordingFetch,
  rejectsWithoutRequest,
  resolves,
} from './helpers.mjs';

const SESSION_LIMITS = [
  ['userId', 50, ['v3', 'v4', 'v5']],
  ['deviceId', 150, ['v3', 'v4', 'v5']],
  ['displayName', 100, ['v3', 'v4', 'v5']],
  ['profileHandle', 100, ['v4', 'v5']],
  ['authToken', 100, ['v3', 'v4', 'v5']],
  ['deviceInfo.model', 100, ['v3', 'v4']],
  ['deviceInfo.model', 300, ['v5']],
  ['deviceInfo.sdkVersion', 30, ['v3', 'v4', 'v5']],
];

const createRequest = (field, text) => {
  const [name, inner] = field.split('.');
  return { userId: 'ada', deviceId: 'dev-1', [name]: inner ? { [inner]: text } : text };
};
const getField = (body, field) => field.split('.').reduce((value, name) => value?.[name], body);

/**
 * Creates texts of exactly n code units: ASCII, Latin-1, other BMP characters, and surrogate pairs.
 */
const createTexts = (n) => [
  'a'.repeat(n),
  'é'.repeat(n),
  '字'.repeat(n),
  n % 2 ? `${'👩'.repeat((n - 1) / 2)}a` : '👩'.repeat(n / 2),
];

const testSessions = (test, entry, api) => {
  const call = (apiVersion, request) => (fetch) =>
    api.createSession({ region: 'eu', apiKey: API_KEY, apiVersion, fetch }, request);
  const assertSent = async (apiVersion, field, text) => {
    const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
    await resolves(() => call(apiVersion, createRequest(field, text))(fetch));
    equal(getField(JSON.parse(fetch.calls[0].init.body), field), text, field);
  };
  for (const [field, limit, versions] of SESSION_LIMITS) {
    for (const version of versions) {
      test(`${entry} ${version}: ${field} of ${limit} code units is sent`, async () => {
        for (const text of createTexts(limit)) await assertSent(version, field, text);
      });
      test(`${entry} ${version}: ${field} of ${limit + 1} code units is rejected`, async () => {
        for (const text of createTexts(limit + 1)) {
          const name = field.split('.').pop();
          const error = await rejectsWithoutRequest(call(version, createRequest(field, text)), {
            kind: 'invalidRequest',
            operation: 'createSession',
            message: new RegExp(`${name}.*\\b${limit}\\b`),
          });
          ok(!error.message.includes(text), 'the message repeats the value');
        }
      });
    }
  }
  for (const userId of ['ADMIN_ada', 'DELETED_ada', 'ADMIN_', 'DELETED_']) {
    test(`${entry} v5: the user id ${userId} is rejected`, () =>
      rejectsWithoutRequest(call('v5', { userId, deviceId: 'dev-1' }), {
        kind: 'invalidRequest',
        message: /userId/,
      }));
    test(`${entry} v3 and v4: the user id ${userId} is sent`, async () => {
      await assertSent('v3', 'userId', userId);
      await assertSent('v4', 'userId', userId);
    });
  }
  for (const userId of ['admin_ada', 'ADMIN', 'xADMIN_ada', 'DELETEDada']) {
    test(`${entry} v5: the user id ${userId} is sent`, () => assertSent('v5', 'userId', userId));
  }
  test(`${entry} v3: profileHandle is rejected`, () =>
    rejectsWithoutRequest(call('v3', { userId: 'ada', deviceId: 'dev-1', profileHandle: 'ada' }), {
      kind: 'invalidRequest',
      message: /profileHandle/,
    }));
  for (const kind of ['ios', 'android', 'web', 'node']) {
    test(`${entry}: deviceInfo.kind ${kind} is sent`, () =>
      assertSent('v5', 'deviceInfo.kind', kind));
  }
  test(`${entry}: special characters are sent unchanged`, async () => {
    // lint:allow-long-line
    for (const text of ['a"b\\c\n\t\u0000\u2028', ' ada ', '__proto__', '{"userId":"eve"}', '👩‍👩‍👧']) {
      await assertSent('v5', 'displayName', text);
      await assertSent('v5', 'userId', text);
    }
  });
};

const testAuthTokens = (test, edge) => {
  const call = (options, userId) => (fetch) =>
    edge.createAuthToken({ region: 'eu', serverKey: SERVER_KEY, ...options, fetch }, { userId });
  for (const [apiVersion, limit] of [
    ['v4', 50],
    ['v3', 100],
  ]) {
    test(`edge ${apiVersion}: createAuthToken sends a userId of ${limit} units`, async () => {
      for (const text of createTexts(limit)) {
        const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
        equal((await resolves(() => call({ apiVersion }, text)(fetch))).userId, text, 'userId');
        const { url, init } = fetch.calls[0];
        equal(
          apiVersion === 'v3'
            ? new URL(url).searchParams.get('userId')
            : JSON.parse(init.body).userId,
          text,
          'userId of the request',
        );
      }
    });
    test(`edge ${apiVersion}: createAuthToken rejects a userId of ${limit + 1} units`, async () => {
      for (const text of createTexts(limit + 1)) {
        await rejectsWithoutRequest(call({ apiVersion }, text), {
          kind: 'invalidRequest',
          operation: 'createAuthToken',
          message: new RegExp(`userId.*\\b${limit}\\b`),
        });
      }
    });
  }
  test('edge: a server key of 150 characters is sent', async () => {
    const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
    await resolves(() => call({ serverKey: 'k'.repeat(150) }, 'ada')(fetch));
    equal(
      new Headers(fetch.calls[0].init.headers).get('x-server-key').length,
      150,
      'length of the x-server-key header',
    );
  });
  test('edge: a server key of 151 characters is rejected', () =>
    rejectsWithoutRequest(call({ serverKey: 'k'.repeat(151) }, 'ada'), {
      kind: 'config',
      message: /serverKey.*\b150\b/,
    }));
};

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) testSessions(test, entry, api);
  if (lib.edge) testAuthTokens(test, lib.edge);
};

// Tests how the library turns an error response into a typed error. A known code other than 500000
// takes precedence over the status. The error has both, and repeats no other part of the request or
// the response. Also tests which responses createAuthToken accepts as a token.
import { equal, match } from './harness.mjs';
import {
  ACCESS_TOKEN,
  API_KEY,
  AUTH_TOKEN,
  CANARY,
  listEntries,
  createFixedFetch,
  listOperations,
  rejects,
  resolves,
} from './helpers.mjs';

const createErrorBody = (code, fields) =>
  JSON.stringify({ status: 'error', code, message: `a message with ${CANARY}`, ...fields });
const data = { data: { detail: [CANARY] } };

/**
 * Each row holds the status, the code, further fields, the kind and whether the error is retryable.
 * The calls send an auth token, so that neither a 403 nor the code 400300 means
 * `secureModeRequired`.
 */
const CLASSIFICATION = [
  [400, 400000, {}, 'invalidRequest', false],
  [401, 400100, {}, 'unauthorized', false],
  [403, 400100, {}, 'unauthorized', false],
  [400, 400100, {}, 'unauthorized', false],
  [403, 400300, {}, 'forbidden', false],
  [400, 400300, {}, 'forbidden', false],
  [403, 400301, {}, 'forbidden', false],
  [401, 400301, {}, 'forbidden', false],
  [429, 400311, {}, 'rateLimited', true],
  [400, 400311, {}, 'rateLimited', true],
  [403, 400312, {}, 'banned', false],
  [401, 400312, {}, 'banned', false],
  [400, 400312, {}, 'banned', false],
  [403, 400323, {}, 'quotaExceeded', false],
  [429, 400323, {}, 'quotaExceeded', false],
  [400, 400323, {}, 'quotaExceeded', false],
  [404, 400400, {}, 'notFound', false],
  [400, 400400, {}, 'notFound', false],
  [403, 403998, {}, 'forbidden', false],
  [403, 403999, {}, 'forbidden', false],
  [403, 488998, {}, 'forbidden', false],
  [400, 488999, {}, 'forbidden', false],
  [422, 500000, {}, 'invalidRequest', false],
  [422, 500000, data, 'invalidRequest', false],
  [500, 500000, {}, 'server', true],
  [500, 500000, data, ['server', 'invalidRequest'], false],
  [500, 500000, { data: {} }, ['server', 'invalidRequest'], false],
  [400, undefined, {}, 'invalidRequest', false],
  [401, undefined, {}, 'unauthorized', false],
  [403, undefined, {}, 'forbidden', false],
  [404, undefined, {}, 'notFound', false],
  [422, undefined, {}, 'invalidRequest', false],
  [429, undefined, {}, 'rateLimited', true],
  [500, undefined, {}, 'server', true],
  [502, undefined, {}, 'server', true],
  [503, undefined, {}, 'server', true],
  [504, undefined, {}, 'server', true],
  [503, 999999, {}, 'server', true],
  [418, 999999, {}, ['invalidRequest', 'invalidResponse'], false],
];

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const createSession = (fetch, changes) =>
      api.createSession(
        { region: 'eu', apiKey: API_KEY, fetch, retry: false },
        { userId: 'ada', deviceId: 'dev-1', ...changes },
      );
    for (const [status, code, fields, kind, retryable] of CLASSIFICATION) {
      const name =
        `${entry}: ${status} with ${code ?? 'no code'}${fields.data ? ' and data' : ''} is ` +
        `${[kind].flat().join(' or ')}`;
      test(name, () =>
        rejects(
          () =>
            createSession(createFixedFetch(createErrorBody(code, fields), { status }), {
              authToken: AUTH_TOKEN,
            }),
          {
            kind,
            retryable,
            code,
            status,
            attempts: 1,
            operation: 'createSession',
          },
        ),
      );
    }
    for (const code of ['400312', 400312]) {
      test(`${entry}: a code that is a ${typeof code} (${code}) is classified`, () =>
        rejects(() => createSession(createFixedFetch(createErrorBody(code), { status: 403 })), {
          kind: 'banned',
          code: 400312,
        }));
    }
    for (const code of ['', 'abc', CANARY, {}, [], null, true, -1, 1e300]) {
      test(
        `${entry}: the status determines the kind if the code is ` +
          `${JSON.stringify(code).replace(CANARY, '…')}`,
        () =>
          rejects(() => createSession(createFixedFetch(createErrorBody(code), { status: 503 })), {
            kind: 'server',
            status: 503,
            retryable: true,
          }),
      );
    }
    for (const [body, type] of [
      ['Unauthorized', 'text/plain'],
      ['', 'text/plain'],
      [`<h1>${CANARY}</h1>`, 'text/html'],
      ['{"code":', 'application/json'],
      ['null', 'application/json'],
      ['[1]', 'application/json'],
      ['"x"', 'application/json'],
    ]) {
      test(
        `${entry}: a 401 with the body ${JSON.stringify(body.replace(CANARY, '…'))} is ` +
          'unauthorized',
        () =>
          rejects(
            () =>
              createSession(
                createFixedFetch(body, { status: 401, headers: { 'content-type': type } }),
              ),
            {
              kind: 'unauthorized',
              code: undefined,
              status: 401,
              retryable: false,
            },
          ),
      );
    }
    for (const [status, code] of [
      [403, 400300],
      [403, undefined],
      [400, 400300],
    ]) {
      test(
        `${entry}: ${status} with ${code ?? 'no code'} but no auth token is ` +
          'secureModeRequired',
        () =>
          rejects(() => createSession(createFixedFetch(createErrorBody(code), { status })), {
            kind: 'secureModeRequired',
            code,
            status,
            retryable: false,
          }),
      );
    }
    test(`${entry}: the error for a 401 without an auth token names both causes`, async () => {
      const error = await rejects(
        () => createSession(createFixedFetch(createErrorBody(400100), { status: 401 })),
        {
          kind: 'unauthorized',
        },
      );
      match(error.message, /API key/i, 'message about the API key');
      match(error.message, /auth token|secure mode/i, 'message about the auth token');
    });
    for (const [user, kind] of [
      [{ isGlobalBan: true }, 'banned'],
      [{ isDeleted: true }, 'notFound'],
    ]) {
      test(`${entry}: a 200 whose user has ${Object.keys(user)} rejects with ${kind}`, () =>
        rejects(
          () =>
            createSession(
              createFixedFetch({ accessToken: ACCESS_TOKEN, users: [{ userId: 'ada', ...user }] }),
            ),
          {
            kind,
            status: 200,
            retryable: false,
          },
        ));
    }
    for (const [status, code, reason] of [
      [401, 400100, 'unauthorized'],
      [403, 400312, 'banned'],
      [404, 400400, 'notFound'],
    ]) {
      test(`${entry} verifySession resolves with ${reason} for ${status} ${code}`, async () => {
        const fetch = createFixedFetch(createErrorBody(code), { status });
        equal(
          await resolves(() => api.verifySession({ region: 'eu', fetch }, ACCESS_TOKEN)),
          { valid: false, reason },
          'result',
        );
        equal(fetch.calls.length, 1, 'requests');
      });
    }
    for (const [status, code, kind] of [
      [503, undefined, 'server'],
      [429, 400311, 'rateLimited'],
      [403, 400301, 'forbidden'],
      [422, 500000, 'invalidRequest'],
    ]) {
      test(`${entry} verifySession rejects with ${kind} for ${status}`, () =>
        rejects(
          () =>
            api.verifySession(
              {
                region: 'eu',
                retry: false,
                fetch: createFixedFetch(createErrorBody(code), { status }),
              },
              ACCESS_TOKEN,
            ),
          {
            kind,
            operation: 'verifySession',
          },
        ));
    }
  }
  const { edge } = lib;
  if (!edge) return;
  test('edge createAuthToken: a 400300 means forbidden, not secureModeRequired', () =>
    rejects(
      () =>
        listOperations(edge)
          .find(({ operation }) => operation === 'createAuthToken')
          .call({ fetch: createFixedFetch(createErrorBody(400300), { status: 403 }) }),
      { kind: 'forbidden', code: 400300 },
    ));
  for (const invalid of [
    '',
    '""',
    ' \n',
    'a b',
    '<html>',
    '"a\tb"',
    'x'.repeat(101),
    '{"token":""}',
    '{"token":7}',
    '{}',
  ]) {
    test(`edge createAuthToken rejects the token ${JSON.stringify(invalid.slice(0, 20))}`, () =>
      rejects(
        () =>
          edge.createAuthToken(
            { region: 'eu', serverKey: 'k', retry: false, fetch: createFixedFetch(invalid) },
            { userId: 'ada' },
          ),
        {
          kind: 'invalidResponse',
          status: 200,
          retryable: false,
        },
      ));
  }
  for (const [body, token] of [
    [`{"token":"t1"}`, 't1'],
    [`{"authToken":"t2"}`, 't2'],
    ['t3', 't3'],
    [' "t4" \n', 't4'],
    [`"${'x'.repeat(100)}"`, 'x'.repeat(100)],
  ]) {
    for (const type of ['text/plain', 'application/json', 'text/html']) {
      test(`edge createAuthToken reads ${body.slice(0, 20)} of the type ${type}`, async () => {
        const fetch = createFixedFetch(body, { headers: { 'content-type': type } });
        equal(
          (
            await resolves(() =>
              edge.createAuthToken({ region: 'eu', serverKey: 'k', fetch }, { userId: 'ada' }),
            )
          ).token,
          token,
          'token',
        );
      });
    }
  }
};

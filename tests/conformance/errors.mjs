// What the service refuses, as a typed error: the code is believed before the status, both are
// kept, and nothing that was sent or answered shows.
import { equal, match, ok, settled, spills } from './harness.mjs';
import {
  ACCESS_TOKEN,
  API_KEY,
  AUTH_TOKEN,
  CANARY,
  fetchAnswering,
  answer,
  entries,
  resolves,
  operations,
  logOutput,
  recordingFetch,
  rejects,
} from './helpers.mjs';

const json = (code, more) =>
  JSON.stringify({ status: 'error', code, message: `It said ${CANARY}`, ...more });
const data = { data: { detail: [CANARY] } };

/**
 * status, code or none, what else, kind, retryable. The session call sends an auth token, so that
 * 403 is plain.
 */
const table = [
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

const classification = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    const session = (fetch, over) =>
      api.createSession(
        { region: 'eu', apiKey: API_KEY, fetch, retry: false },
        { userId: 'ada', deviceId: 'dev-1', ...over },
      );
    for (const [status, code, more, kind, retryable] of table) {
      const name = `${entry}: ${status} with ${code ?? 'no code'}${more.data ? ' and data' : ''} is ${[kind].flat().join(' or ')}`;
      test(name, () =>
        rejects(
          () => session(fetchAnswering(json(code, more), { status }), { authToken: AUTH_TOKEN }),
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
      test(`${entry}: the code may be a string (${typeof code} ${code})`, () =>
        rejects(() => session(fetchAnswering(json(code), { status: 403 })), {
          kind: 'banned',
          code: 400312,
        }));
    }
    for (const code of ['', 'abc', CANARY, {}, [], null, true, -1, 1e300]) {
      test(`${entry}: a code that is ${typeof code} ${JSON.stringify(code).replace(CANARY, '…')} leaves the status to decide`, () =>
        rejects(() => session(fetchAnswering(json(code), { status: 503 })), {
          kind: 'server',
          status: 503,
          retryable: true,
        }));
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
      test(`${entry}: a 401 whose body is ${JSON.stringify(body.replace(CANARY, '…'))} is unauthorized`, () =>
        rejects(
          () => session(fetchAnswering(body, { status: 401, headers: { 'content-type': type } })),
          {
            kind: 'unauthorized',
            code: undefined,
            status: 401,
            retryable: false,
          },
        ));
    }
    for (const [status, code] of [
      [403, 400300],
      [403, undefined],
      [400, 400300],
    ]) {
      test(`${entry}: ${status} with ${code ?? 'no code'} to a session without an auth token is secureModeRequired`, () =>
        rejects(() => session(fetchAnswering(json(code), { status })), {
          kind: 'secureModeRequired',
          code,
          status,
          retryable: false,
        }));
    }
    test(`${entry}: a session refused as unauthorized without an auth token names both causes`, async () => {
      const error = await rejects(() => session(fetchAnswering(json(400100), { status: 401 })), {
        kind: 'unauthorized',
      });
      match(error.message, /API key/i, 'the first cause');
      match(error.message, /auth token|secure mode/i, 'the second cause');
    });
    for (const [user, kind] of [
      [{ isGlobalBan: true }, 'banned'],
      [{ isDeleted: true }, 'notFound'],
    ]) {
      test(`${entry}: a 200 with ${Object.keys(user)} is ${kind}`, () =>
        rejects(
          () =>
            session(
              fetchAnswering({ accessToken: ACCESS_TOKEN, users: [{ userId: 'ada', ...user }] }),
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
      test(`${entry} verifySession answers ${reason} to ${status} ${code}, and does not throw`, async () => {
        const fetch = fetchAnswering(json(code), { status });
        equal(
          await resolves(() => api.verifySession({ region: 'eu', fetch }, ACCESS_TOKEN)),
          { valid: false, reason },
          'answer',
        );
        equal(fetch.calls.length, 1, 'attempts');
      });
    }
    for (const [status, code, kind] of [
      [503, undefined, 'server'],
      [429, 400311, 'rateLimited'],
      [403, 400301, 'forbidden'],
      [422, 500000, 'invalidRequest'],
    ]) {
      test(`${entry} verifySession throws ${kind} for ${status} and never calls the token bad`, () =>
        rejects(
          () =>
            api.verifySession(
              { region: 'eu', retry: false, fetch: fetchAnswering(json(code), { status }) },
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
  test('edge createAuthToken: secure mode that is off is forbidden, not secureModeRequired', () =>
    rejects(
      () =>
        operations(edge)
          .find(({ operation }) => operation === 'createAuthToken')
          .call({ fetch: fetchAnswering(json(400300), { status: 403 }) }),
      { kind: 'forbidden', code: 400300 },
    ));
  for (const bad of [
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
    test(`edge createAuthToken refuses the auth token ${JSON.stringify(bad.slice(0, 20))}`, () =>
      rejects(
        () =>
          edge.createAuthToken(
            { region: 'eu', serverKey: 'k', retry: false, fetch: fetchAnswering(bad) },
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
      test(`edge createAuthToken takes the token out of ${body.slice(0, 20)} labelled ${type}`, async () => {
        const fetch = fetchAnswering(body, { headers: { 'content-type': type } });
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

const shape = ({ test, lib, engine }) => {
  for (const [entry, api] of entries(lib)) {
    const caught = async (status = 403, code = 400312, headers) =>
      (
        await settled(() =>
          api.createSession(
            {
              region: 'eu',
              apiKey: API_KEY,
              retry: false,
              fetch: fetchAnswering(json(code), { status, headers }),
            },
            { userId: 'ada', deviceId: 'dev-1', authToken: AUTH_TOKEN },
          ),
        )
      ).error;
    test(`${entry}: an error is an Error and a SocialPlusError`, async () => {
      const error = await caught();
      ok(error instanceof Error && error instanceof api.SocialPlusError, 'instanceof');
      equal(error.name, 'SocialPlusError', 'name');
      ok(error.constructor === api.SocialPlusError, 'class');
      equal(api.SocialPlusError.is(error), true, 'is');
      ok(typeof error.stack === 'string' && error.cause === undefined, 'a stack, and no cause');
    });
    test(`${entry}: SocialPlusError.is knows the brand, not the look`, () => {
      for (const other of [
        undefined,
        null,
        42,
        'x',
        {},
        new Error('x'),
        { name: 'SocialPlusError', kind: 'network' },
        () => 1,
      ])
        equal(api.SocialPlusError.is(other), false, 'is');
    });
    test(`${entry}: JSON of an error holds what the types say`, async () => {
      const wanted = {
        name: 'SocialPlusError',
        kind: 'banned',
        operation: 'createSession',
        code: 400312,
        status: 403,
        retryable: false,
      };
      const { message, ...rest } = JSON.parse(JSON.stringify(await caught()));
      equal(rest, wanted, 'JSON');
      equal(message.length > 0, true, 'a message');
      equal(
        Object.keys((await caught(503, undefined)).toJSON()).includes('stack'),
        false,
        'no stack in JSON',
      );
    });
    test(`${entry}: no error shows a key, a token or the service's own words`, async () => {
      for (const { operation, call } of operations(api)) {
        for (const [status, code] of [
          [401, 400100],
          [403, 400312],
          [422, 500000],
          [500, 500000],
          [429, 400311],
          [200, 1],
        ]) {
          const { error } = await settled(() =>
            call({ retry: false, fetch: fetchAnswering(json(code, data), { status }) }),
          );
          if (!error) continue; // verifySession answers
          for (const text of [
            String(error),
            error.message,
            error.stack,
            JSON.stringify(error),
            logOutput(error),
            engine.inspect?.(error) ?? '',
          ]) {
            ok(!spills(text), `${operation} ${status}: a secret shows`);
          }
        }
      }
    });
  }
  test('the error class is one for all entries', () => {
    const classes = [lib.browser, lib.edge, lib.emulator]
      .filter(Boolean)
      .map((api) => api.SocialPlusError);
    equal(new Set(classes).size, 1, 'classes');
  });
};

const retryAfter = ({ test, lib }) => {
  const inAnHour = () => new Date(Date.now() + 3_600_000).toUTCString();
  const cases = [
    ['3', 3000],
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['3s', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e999', undefined],
  ];
  for (const [entry, api] of entries(lib)) {
    const waits = async (headers, status = 429) =>
      (
        await rejects(() =>
          api.createSession(
            {
              region: 'eu',
              apiKey: API_KEY,
              retry: false,
              fetch: recordingFetch(async () =>
                answer(json(status === 429 ? 400311 : undefined), { status, headers }),
              ),
            },
            { userId: 'ada', deviceId: 'dev-1' },
          ),
        )
      ).retryAfterMs;
    for (const [value, wanted] of cases) {
      test(`${entry}: Retry-After ${JSON.stringify(value)} is ${wanted} ms`, async () =>
        equal(await waits({ 'retry-after': value }), wanted, 'retryAfterMs'));
    }
    test(`${entry}: Retry-After as an HTTP date in an hour is about an hour`, async () => {
      const ms = await waits({ 'retry-after': inAnHour() });
      ok(ms > 3_500_000 && ms <= 3_600_000, `retryAfterMs is ${ms}`);
    });
    test(`${entry}: Retry-After as an HTTP date that has passed is no wait`, async () =>
      ok(
        [0, undefined].includes(await waits({ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' })),
        'retryAfterMs',
      ));
    test(`${entry}: Retry-After is read from a 503 too, and is not there without the header`, async () => {
      equal(await waits({ 'retry-after': '9' }, 503), 9000, 'retryAfterMs: waits');
      equal(await waits({}, 503), undefined, 'retryAfterMs: waits');
      equal(await waits({}, 429), undefined, 'retryAfterMs: waits');
    });
    test(`${entry}: Retry-After of any number of digits is a finite number or none`, async () => {
      const ms = await waits({ 'retry-after': '9'.repeat(40) });
      ok(ms === undefined || (Number.isFinite(ms) && ms > 0), `retryAfterMs is ${ms}`);
    });
  }
};

export default (context) => [classification, shape, retryAfter].forEach((part) => part(context));

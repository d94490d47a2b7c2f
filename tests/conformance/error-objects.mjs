// Tests errors: their class, their JSON and `retryAfterMs`, and that they contain no secret.
import { equal, ok, getOutcome, containsSecret } from './harness.mjs';
import {
  API_KEY,
  AUTH_TOKEN,
  CANARY,
  createResponse,
  listEntries,
  createFixedFetch,
  collectLogText,
  listOperations,
  createRecordingFetch,
  rejects,
} from './helpers.mjs';

const createErrorBody = (code, fields) =>
  JSON.stringify({ status: 'error', code, message: `a message with ${CANARY}`, ...fields });
const data = { data: { detail: [CANARY] } };

const testShape = ({ test, lib, engine }) => {
  for (const [entry, api] of listEntries(lib)) {
    const getError = async (status = 403, code = 400312, headers) =>
      (
        await getOutcome(() =>
          api.createSession(
            {
              region: 'eu',
              apiKey: API_KEY,
              retry: false,
              fetch: createFixedFetch(createErrorBody(code), { status, headers }),
            },
            { userId: 'ada', deviceId: 'dev-1', authToken: AUTH_TOKEN },
          ),
        )
      ).error;
    test(`${entry}: an error is an Error and a SocialPlusError`, async () => {
      const error = await getError();
      ok(error instanceof Error, 'the error is not an Error');
      ok(error instanceof api.SocialPlusError, 'the error is not a SocialPlusError');
      equal(error.name, 'SocialPlusError', 'name');
      ok(error.constructor === api.SocialPlusError, 'the constructor is not SocialPlusError');
      ok(api.SocialPlusError.is(error), 'SocialPlusError.is does not recognise the error');
      equal(typeof error.stack, 'string', 'type of the stack');
      equal(error.cause, undefined, 'cause');
    });
    test(`${entry}: SocialPlusError.is returns false for all other values`, () => {
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
        ok(!api.SocialPlusError.is(other), `recognised ${typeof other} as an error`);
    });
    test(`${entry}: the JSON of an error holds the documented fields`, async () => {
      const expected = {
        name: 'SocialPlusError',
        kind: 'banned',
        operation: 'createSession',
        code: 400312,
        status: 403,
        retryable: false,
      };
      const { message, ...rest } = JSON.parse(JSON.stringify(await getError()));
      equal(rest, expected, 'JSON');
      ok(message.length > 0, 'the message is empty');
      ok(!('stack' in (await getError(503, undefined)).toJSON()), 'the JSON contains the stack');
    });
    test(`${entry}: no error contains a key, a token or the service's message`, async () => {
      for (const { operation, call } of listOperations(api)) {
        for (const [status, code] of [
          [401, 400100],
          [403, 400312],
          [422, 500000],
          [500, 500000],
          [429, 400311],
          [200, 1],
        ]) {
          const { error } = await getOutcome(() =>
            call({
              retry: false,
              fetch: createFixedFetch(createErrorBody(code, data), { status }),
            }),
          );
          if (!error) continue; // verifySession resolves for some statuses.
          for (const text of [
            String(error),
            error.message,
            error.stack,
            JSON.stringify(error),
            collectLogText(error),
            engine.inspect?.(error) ?? '',
          ]) {
            ok(!containsSecret(text), `${operation} ${status}: the error contains a secret`);
          }
        }
      }
    });
  }
  test('all entries share one error class', () => {
    const classes = [lib.browser, lib.edge, lib.emulator]
      .filter(Boolean)
      .map((api) => api.SocialPlusError);
    equal(new Set(classes).size, 1, 'distinct classes');
  });
};

const testRetryAfter = ({ test, lib }) => {
  const formatNextHour = () => new Date(Date.now() + 3_600_000).toUTCString();
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
  for (const [entry, api] of listEntries(lib)) {
    const getRetryAfterMs = async (headers, status = 429) =>
      (
        await rejects(() =>
          api.createSession(
            {
              region: 'eu',
              apiKey: API_KEY,
              retry: false,
              fetch: createRecordingFetch(async () =>
                createResponse(createErrorBody(status === 429 ? 400311 : undefined), {
                  status,
                  headers,
                }),
              ),
            },
            { userId: 'ada', deviceId: 'dev-1' },
          ),
        )
      ).retryAfterMs;
    for (const [value, expected] of cases) {
      test(`${entry}: Retry-After ${JSON.stringify(value)} means ${expected} ms`, async () =>
        equal(await getRetryAfterMs({ 'retry-after': value }), expected, 'retryAfterMs'));
    }
    test(`${entry}: Retry-After can be an HTTP date`, async () => {
      const ms = await getRetryAfterMs({ 'retry-after': formatNextHour() });
      ok(ms > 3_500_000 && ms <= 3_600_000, `retryAfterMs is ${ms}`);
    });
    test(`${entry}: a Retry-After in the past means no wait`, async () =>
      ok(
        [0, undefined].includes(
          await getRetryAfterMs({ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }),
        ),
        'retryAfterMs is neither 0 nor undefined',
      ));
    test(
      `${entry}: Retry-After is also read from a 503, and retryAfterMs is undefined ` +
        'without the header',
      async () => {
        equal(await getRetryAfterMs({ 'retry-after': '9' }, 503), 9000, 'retryAfterMs of a 503');
        equal(await getRetryAfterMs({}, 503), undefined, 'retryAfterMs of a 503 without header');
        equal(await getRetryAfterMs({}, 429), undefined, 'retryAfterMs of a 429 without header');
      },
    );
    test(`${entry}: a Retry-After of 40 digits gives a finite retryAfterMs or none`, async () => {
      const ms = await getRetryAfterMs({ 'retry-after': '9'.repeat(40) });
      ok(ms === undefined || (Number.isFinite(ms) && ms > 0), `retryAfterMs is ${ms}`);
    });
  }
};

export default (context) => [testShape, testRetryAfter].forEach((part) => part(context));

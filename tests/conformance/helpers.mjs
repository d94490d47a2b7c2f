// Helpers that the topics share: fake secrets, successful responses of the service, a `fetch` that
// records its calls, the list of calls of each entry, and assertions about their outcome.
import { equal, fail, match, ok, secret, settled, containsSecret } from './harness.mjs';

export const API_KEY = secret('ak-never-print-1');
export const SERVER_KEY = secret('sk-never-print-2');
export const ACCESS_TOKEN = secret('at-never-print-3');
export const REFRESH_TOKEN = secret('rt-never-print-4');
export const AUTH_TOKEN = secret('auth-never-print-5');
/** A secret that tests put into responses, thrown errors and invalid values. It must never leak. */
export const CANARY = secret('canary-never-print-6');

export const USER = {
  userId: 'ada',
  displayName: 'Ada',
  createdAt: '2022-07-20T09:59:40.684Z',
  updatedAt: '2022-07-20T09:59:40.854Z',
  roles: [],
  permissions: [],
  metadata: {},
  isGlobalBan: false,
  isDeleted: false,
};

/** Creates a response. A body other than a string is sent as JSON. */
export const answer = (
  body,
  { status = 200, headers = { 'content-type': 'application/json' } } = {},
) =>
  new Response(body === undefined || typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers,
  });

/** Returns the body of a session response, with changes of its fields and of its user. */
export const sessionBody = (changes = {}, user = {}) => ({
  accessToken: ACCESS_TOKEN,
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-31T00:00:00.000Z',
  users: [{ ...USER, ...user }],
  files: [],
  ...changes,
});

/** Answers every request successfully, as the service would. */
export const healthyService = (url, init) => {
  if (url.includes('authentication/token'))
    return answer(`"${AUTH_TOKEN}"`, { headers: { 'content-type': 'text/plain' } });
  if (url.includes('/v1/accessToken')) return answer({ accessToken: ACCESS_TOKEN });
  if (init.method === 'POST')
    return answer(sessionBody({}, { userId: JSON.parse(init.body).userId ?? 'a visitor' }));
  return answer(init.method === 'DELETE' ? { success: true } : {});
};

/**
 * Creates a `fetch` that records its calls. `answers` is one function for all calls, or a list with
 * one function per call, of which the last is repeated.
 */
export const recordingFetch = (answers = healthyService) => {
  const calls = [];
  const fetch = (...args) => {
    calls.push({ url: args[0], init: args[1], args });
    return (Array.isArray(answers) ? answers[Math.min(calls.length, answers.length) - 1] : answers)(
      ...args,
    );
  };
  return Object.assign(fetch, { calls });
};

/** Creates a recording `fetch` that gives every request the same response. */
export const fetchAnswering = (body, init) => recordingFetch(async () => answer(body, init));

/** Returns the entries under test as name and namespace. A browser has no edge entry. */
export const entries = (lib) =>
  [
    ['browser', lib.browser],
    ['edge', lib.edge],
  ].filter(([, api]) => api);

/** Returns each call of an entry with valid arguments, which a test overrides in part. */
export const operations = (api) => {
  const service = { region: 'eu', apiKey: API_KEY };
  const all = {
    createSession: (options, request) =>
      api.createSession(
        { ...service, ...options },
        { userId: 'ada', deviceId: 'dev-1', ...request },
      ),
    verifySession: (options, request) =>
      api.verifySession({ region: 'eu', ...options }, ACCESS_TOKEN, request),
    revokeSession: (options, request) =>
      api.revokeSession({ region: 'eu', ...options }, ACCESS_TOKEN, request),
    refreshAccessToken: (options, request) =>
      api.refreshAccessToken(
        { ...service, ...options },
        { userId: 'ada', refreshToken: REFRESH_TOKEN, ...request },
      ),
    createAuthToken: (options, request) =>
      api.createAuthToken(
        { region: 'eu', serverKey: SERVER_KEY, ...options },
        { userId: 'ada', ...request },
      ),
    exchangeSession: (options, request) =>
      api.exchangeSession(
        { ...service, serverKey: SERVER_KEY, ...options },
        { userId: 'ada', deviceId: 'dev-1', ...request },
      ),
  };
  return Object.entries(all)
    .filter(([name]) => typeof api[name] === 'function')
    .map(([operation, call]) => ({ operation, call }));
};

/**
 * Returns all text that a log could show of a value: its own properties, `depth` levels deep,
 * except accessors, which a console does not call either.
 */
export const logOutput = (value, depth = 4) => {
  if (value === null || typeof value !== 'object') return String(value);
  const parts = value instanceof Error ? [String(value), value.stack, errorText(value)] : [];
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if ('value' in property && depth) parts.push(`${key}: ${logOutput(property.value, depth - 1)}`);
  }
  return parts.join('\n');
};
const errorText = (error) =>
  `${JSON.stringify(error)}\n${Object.getOwnPropertyNames(error)
    .map((name) => String(error[name]))
    .join('\n')}`;

/**
 * Asserts that the call rejects with a `SocialPlusError` that contains no secret, and returns the
 * error. `expected` is a kind, a list of kinds, or an object of properties, each a value, a list of
 * values or a pattern.
 */
export const rejects = async (call, expected = {}, what = 'call') => {
  const isKind = typeof expected === 'string' || Array.isArray(expected);
  const properties = isKind ? { kind: expected } : expected;
  const { error, value } = await settled(call);
  if (error === undefined)
    fail(`${what} resolved with ${typeof value}, expected the error ${properties.kind}`);
  ok(
    error instanceof Error && error.constructor.is?.(error) === true,
    `${what}: rejected with ${error?.name ?? typeof error} instead of a SocialPlusError`,
  );
  ok(
    !containsSecret(logOutput(error)),
    `${what}: the error (kind ${error.kind}) contains a secret`,
  );
  for (const [key, wanted] of Object.entries(properties)) {
    if (wanted instanceof RegExp) match(error[key], wanted, `${what}: ${key}`);
    else if (Array.isArray(wanted))
      ok(
        wanted.includes(error[key]),
        `${what}: ${key} is ${error[key]}, expected one of ${wanted} (message: ${error.message})`,
      );
    else equal(error[key], wanted, `${what}: ${key} (message: ${error.message})`);
  }
  return error;
};

/** Asserts as `rejects` does, and also that the call sent no request. */
export const rejectsUnsent = async (call, expected, what) => {
  const fetch = recordingFetch();
  const error = await rejects(() => call(fetch), { retryable: false, ...expected }, what);
  equal(fetch.calls.length, 0, `${what ?? 'call'}: requests sent`);
  equal(error.attempts, 0, `${what ?? 'call'}: attempts`);
  return error;
};

/** Asserts that the call resolves, and returns its value. */
export const resolves = async (call, what = 'call') => {
  const { error, value } = await settled(call);
  if (error !== undefined) fail(`${what} rejected: ${error?.kind}: ${error?.message}`);
  return value;
};

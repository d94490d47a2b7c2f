// Helpers that the topics (the test files of the suite) share: fake secrets, successful responses
// of the service, a `fetch` that records its calls, the calls of each entry, and assertions about
// the outcome of a call.
import { equal, fail, match, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';

export const API_KEY = registerSecret('ak-never-print-1');
export const SERVER_KEY = registerSecret('sk-never-print-2');
export const ACCESS_TOKEN = registerSecret('at-never-print-3');
export const REFRESH_TOKEN = registerSecret('rt-never-print-4');
export const AUTH_TOKEN = registerSecret('auth-never-print-5');
/** A secret that tests put into responses, thrown errors and invalid values. It must never leak. */
export const CANARY = registerSecret('canary-never-print-6');

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

/** Creates a response. A body that is neither a string nor undefined is sent as JSON. */
export const createResponse = (
  body,
  { status = 200, headers = { 'content-type': 'application/json' } } = {},
) =>
  new Response(body === undefined || typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers,
  });

/**
 * Creates the body of a session response. `changes` overrides fields of the body, and `user`
 * overrides fields of its user.
 */
export const createSessionBody = (changes = {}, user = {}) => ({
  accessToken: ACCESS_TOKEN,
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-31T00:00:00.000Z',
  users: [{ ...USER, ...user }],
  files: [],
  ...changes,
});

/** Responds to every request with success, as the service would. */
export const respondWithSuccess = (url, init) => {
  if (url.includes('authentication/token'))
    return createResponse(`"${AUTH_TOKEN}"`, { headers: { 'content-type': 'text/plain' } });
  if (url.includes('/v1/accessToken')) return createResponse({ accessToken: ACCESS_TOKEN });
  if (init.method === 'POST')
    return createResponse(
      createSessionBody({}, { userId: JSON.parse(init.body).userId ?? 'a visitor' }),
    );
  return createResponse(init.method === 'DELETE' ? { success: true } : {});
};

/**
 * Creates a `fetch` that records its calls. `responders` is one function for all calls, or a list
 * with one function per call. The last function of the list also responds to all later calls.
 */
export const createRecordingFetch = (responders = respondWithSuccess) => {
  const calls = [];
  const fetch = (...args) => {
    calls.push({ url: args[0], init: args[1], args });
    const respond = Array.isArray(responders)
      ? responders[Math.min(calls.length, responders.length) - 1]
      : responders;
    return respond(...args);
  };
  return Object.assign(fetch, { calls });
};

/** Creates a recording `fetch` that gives every request the same response. */
export const createFixedFetch = (body, init) =>
  createRecordingFetch(async () => createResponse(body, init));

/**
 * Returns the names and the exports of the entries that make calls: the browser entry and, except
 * in a page, the edge entry.
 */
export const listEntries = (lib) =>
  [
    ['browser', lib.browser],
    ['edge', lib.edge],
  ].filter(([, api]) => api);

/**
 * Returns the calls of an entry that concern users' sessions or auth tokens. Each is a function of
 * options and a request, which override valid default arguments.
 */
export const listOperations = (api) => {
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
 * Returns all text that a log could show of a value: its own enumerable properties, `depth` levels
 * deep, without calling accessors, because a console calls none. For an error, also its stack, its
 * JSON, and the values of all its own properties.
 */
export const collectLogText = (value, depth = 4) => {
  if (value === null || typeof value !== 'object') return String(value);
  const parts = value instanceof Error ? [String(value), value.stack, collectErrorText(value)] : [];
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if ('value' in property && depth)
      parts.push(`${key}: ${collectLogText(property.value, depth - 1)}`);
  }
  return parts.join('\n');
};
const collectErrorText = (error) =>
  `${JSON.stringify(error)}\n${Object.getOwnPropertyNames(error)
    .map((name) => String(error[name]))
    .join('\n')}`;

/**
 * Asserts that the call rejects with a `SocialPlusError` that contains no secret, and returns the
 * error. `expected` is a kind, a list of kinds, or an object with the expected properties. Each
 * property is a value, a list of allowed values, or a pattern.
 */
export const rejects = async (call, expected = {}, what = 'call') => {
  const isKind = typeof expected === 'string' || Array.isArray(expected);
  const properties = isKind ? { kind: expected } : expected;
  const { error, value } = await getOutcome(call);
  if (error === undefined)
    fail(`${what} resolved with ${typeof value}, expected the error ${properties.kind}`);
  ok(
    error instanceof Error && error.constructor.is?.(error) === true,
    `${what}: rejected with ${error?.name ?? typeof error} instead of a SocialPlusError`,
  );
  ok(
    !containsSecret(collectLogText(error)),
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

/**
 * Asserts that the call rejects, as `rejects` does, with an error that is not retryable, and that
 * the call sent no request.
 */
export const rejectsWithoutRequest = async (call, expected, what) => {
  const fetch = createRecordingFetch();
  const error = await rejects(() => call(fetch), { retryable: false, ...expected }, what);
  equal(fetch.calls.length, 0, `${what ?? 'call'}: requests sent`);
  equal(error.attempts, 0, `${what ?? 'call'}: attempts`);
  return error;
};

/** Asserts that the call resolves, and returns its value. */
export const resolves = async (call, what = 'call') => {
  const { error, value } = await getOutcome(call);
  if (error !== undefined) fail(`${what} rejected: ${error?.kind}: ${error?.message}`);
  return value;
};

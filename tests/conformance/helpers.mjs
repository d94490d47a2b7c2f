// What the topics share: the fake secrets, the good answers of the service, a fetch that keeps a
// record, and the calls of each entry as a list.
import { equal, fail, match, ok, secret, settled, spills } from './harness.mjs';

export const API_KEY = secret('ak-never-print-1');
export const SERVER_KEY = secret('sk-never-print-2');
export const ACCESS_TOKEN = secret('at-never-print-3');
export const REFRESH_TOKEN = secret('rt-never-print-4');
export const AUTH_TOKEN = secret('auth-never-print-5');
/** Put into answers, thrown errors and refused values: it must not come out again. */
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

export const answer = (
  body,
  { status = 200, headers = { 'content-type': 'application/json' } } = {},
) =>
  new Response(body === undefined || typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers,
  });

export const sessionBody = (more = {}, user = {}) => ({
  accessToken: ACCESS_TOKEN,
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-31T00:00:00.000Z',
  users: [{ ...USER, ...user }],
  files: [],
  ...more,
});

/** What the service says when all is well, whatever was asked. */
export const good = (url, init) => {
  if (url.includes('authentication/token'))
    return answer(`"${AUTH_TOKEN}"`, { headers: { 'content-type': 'text/plain' } });
  if (url.includes('/v1/accessToken')) return answer({ accessToken: ACCESS_TOKEN });
  if (init.method === 'POST')
    return answer(sessionBody({}, { userId: JSON.parse(init.body).userId ?? 'a visitor' }));
  return answer(init.method === 'DELETE' ? { success: true } : {});
};

/**
 * A fetch that keeps what it was called with. `answers`: one function for all calls, or one for
 * each.
 */
export const recorder = (answers = good) => {
  const calls = [];
  const fetch = (...args) => {
    calls.push({ url: args[0], init: args[1], args });
    return (Array.isArray(answers) ? answers[Math.min(calls.length, answers.length) - 1] : answers)(
      ...args,
    );
  };
  return Object.assign(fetch, { calls });
};
export const answering = (body, init) => recorder(async () => answer(body, init));

/** The entries under test; a browser has no edge entry. */
export const entries = (lib) =>
  [
    ['browser', lib.browser],
    ['edge', lib.edge],
  ].filter(([, api]) => api);

/** Each call of an entry with arguments that are fine, over which a test lays its own. */
export const operations = (api) => {
  const service = { region: 'eu', apiKey: API_KEY };
  const all = {
    createSession: (options, more) =>
      api.createSession({ ...service, ...options }, { userId: 'ada', deviceId: 'dev-1', ...more }),
    verifySession: (options, more) =>
      api.verifySession({ region: 'eu', ...options }, ACCESS_TOKEN, more),
    revokeSession: (options, more) =>
      api.revokeSession({ region: 'eu', ...options }, ACCESS_TOKEN, more),
    refreshAccessToken: (options, more) =>
      api.refreshAccessToken(
        { ...service, ...options },
        { userId: 'ada', refreshToken: REFRESH_TOKEN, ...more },
      ),
    createAuthToken: (options, more) =>
      api.createAuthToken(
        { region: 'eu', serverKey: SERVER_KEY, ...options },
        { userId: 'ada', ...more },
      ),
    exchangeSession: (options, more) =>
      api.exchangeSession(
        { ...service, serverKey: SERVER_KEY, ...options },
        { userId: 'ada', deviceId: 'dev-1', ...more },
      ),
  };
  return Object.entries(all)
    .filter(([name]) => typeof api[name] === 'function')
    .map(([operation, call]) => ({ operation, call }));
};

/**
 * Everything that a log could show of a value: own properties at any depth, accessors left alone as
 * a console leaves them.
 */
export const printed = (value, depth = 4) => {
  if (value === null || typeof value !== 'object') return String(value);
  const parts = value instanceof Error ? [String(value), value.stack, plainly(value)] : [];
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if ('value' in property && depth) parts.push(`${key}: ${printed(property.value, depth - 1)}`);
  }
  return parts.join('\n');
};
const plainly = (error) =>
  `${JSON.stringify(error)}\n${Object.getOwnPropertyNames(error)
    .map((name) => String(error[name]))
    .join('\n')}`;

/** The call must reject with a typed error of this shape that spills nothing. Returns the error. */
export const refused = async (call, expected = {}, what = 'call') => {
  const { error, value } = await settled(call);
  if (error === undefined)
    fail(`${what} resolved with ${typeof value}, wanted the error ${expected.kind}`);
  ok(
    error instanceof Error && error.constructor.is?.(error) === true,
    `${what}: rejected with something that is no SocialPlusError, but ${error?.name ?? typeof error}`,
  );
  ok(!spills(printed(error)), `${what}: the error shows a secret (kind ${error.kind})`);
  for (const [key, wanted] of Object.entries(expected)) {
    if (wanted instanceof RegExp) match(error[key], wanted, `${what}: ${key}`);
    else if (Array.isArray(wanted))
      ok(
        wanted.includes(error[key]),
        `${what}: ${key} is ${error[key]}, wanted one of ${wanted}; message: ${error.message}`,
      );
    else equal(error[key], wanted, `${what}: ${key} (message: ${error.message})`);
  }
  return error;
};

/** As `refused`, and nothing may have been sent before. */
export const refusedUnsent = async (call, expected, what) => {
  const fetch = recorder();
  const error = await refused(() => call(fetch), { retryable: false, ...expected }, what);
  equal(fetch.calls.length, 0, `${what ?? 'call'}: requests sent before it was refused`);
  equal(error.attempts, 0, `${what ?? 'call'}: attempts`);
  return error;
};

/** The call must resolve. */
export const fine = async (call, what = 'call') => {
  const { error, value } = await settled(call);
  if (error !== undefined) fail(`${what} was refused: ${error?.kind}: ${error?.message}`);
  return value;
};

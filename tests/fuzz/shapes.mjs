// The shapes of the arguments of the public functions, as types/*.d.ts declares them.
import { CANARY, createJunk } from './values.mjs';

const userId = ['ada', 'grace', '👩‍🚀', 'x'.repeat(50), '..', 'a/b?c#d'];
const deviceId = ['d', 'laptop', 'x'.repeat(150)];

/** Responses that are valid for no call, or for another one. */
const RESPONSES = [
  '{}',
  'null',
  '[]',
  '"a-token"',
  '{"token":"a"}',
  '{"success":true}',
  '{"accessToken":"a.b.c","users":[{"userId":"ada"}]}',
  '{"accessToken":"a","users":[{"userId":"ada","isGlobalBan":true}]}',
  '{"accessToken":"a","issuedAt":"x","expiresAt":5,"users":{"0":{"userId":"ada"}}}',
  `{"status":"error","code":400100,"message":"${CANARY}"}`,
  `{"status":"error","code":"x","message":"${CANARY}"}`,
  '{"adminToken":"a","issuedAt":"2026-01-01T00:00:00.000Z","expiresAt":"9"}',
  '{"__proto__":{"accessToken":"a"}}',
  `<html>${CANARY}</html>`,
  '',
];
const STATUSES = [200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503];

const createResponse = (chance) => {
  const status = chance.pick(STATUSES);
  const body = status === 204 ? null : chance.pick(RESPONSES);
  const headers = { 'x-secret': CANARY };
  if (chance.oneIn(4)) headers['retry-after'] = chance.pick(['0', '-1', 'x', '1e9', '99999999']);
  return new Response(body, { status, headers });
};

/** Bodies that are no stream of bytes. */
const createBrokenResponse = (chance) => ({
  status: chance.pick([200, 0, 99, '200', NaN, undefined]),
  headers: chance.pick([undefined, null, {}, new Headers(), { get: () => createJunk(chance) }]),
  body: createJunk(chance),
  text: async () => createJunk(chance),
});

/** Returns a function that creates a `fetch`: most often the emulator's. */
const fetchOf = (emulator) => (chance) => {
  switch (chance.below(8)) {
    case 0:
      return async () => createResponse(chance);
    case 1:
      return async () => createBrokenResponse(chance);
    case 2:
      return async () => createJunk(chance);
    case 3:
      return () => {
        throw new Error(CANARY);
      };
    case 4:
      return () => Promise.reject(createJunk(chance));
    default:
      return emulator.fetch;
  }
};

const retry = [false, false, { attempts: 2, baseDelayMs: 0, maxDelayMs: 1 }];
const signal = [
  undefined,
  undefined,
  () => new AbortController().signal,
  () => AbortSignal.abort(),
];
const deviceInfo = [undefined, { kind: 'web', model: 'x', sdkVersion: '1' }];

/** Returns the shapes of the arguments of each function of the entries `browser` and `edge`. */
export const createShapes = (emulator) => {
  const service = {
    endpoint: ['https://service.test', 'http://127.0.0.1:1/x'],
    fetch: fetchOf(emulator),
    retry,
    timeoutMs: [20, 50],
    onEvent: [undefined, () => () => {}],
  };
  const keyed = { ...service, apiKey: emulator.apiKey, apiVersion: ['v5', 'v4', 'v3', undefined] };
  const minting = {
    ...service,
    serverKey: emulator.serverKey,
    apiVersion: ['v4', 'v3', undefined],
  };
  const admin = { ...service, adminToken: emulator.adminToken };
  const call = { signal };
  const user = { ...call, userId, deviceId, displayName: [undefined, 'Ada'], deviceInfo };
  const bearer = [service, ['a.b.c', 'a-token', CANARY], call];
  const calls = {
    createSession: [keyed, { ...user, authToken: [undefined, 'at-1'] }],
    createVisitorSession: [keyed, { ...call, deviceId, deviceInfo }],
    createBotSession: [keyed, { ...call, deviceId, deviceInfo }],
    verifySession: bearer,
    revokeSession: bearer,
    refreshAccessToken: [keyed, { ...call, userId, refreshToken: ['rt-1'] }],
    createAuthToken: [minting, { ...call, userId }],
    exchangeSession: [{ ...minting, apiKey: emulator.apiKey }, user],
    revokeAdminToken: [admin, { ...call, username: ['admin', 'root'] }],
    revokeUserSessions: [admin, { ...call, userId, isPublic: [true, false] }],
    setSecureMode: [admin, { ...call, enabled: [true, false] }],
    setSecurityConfig: [
      admin,
      { ...call, serverKey: { expiresInHours: [1, 24], apiScopeEnabled: [true] } },
    ],
    setNetworkPush: [
      admin,
      { ...call, enabled: [true], events: [undefined, () => [{ name: 'a', enabled: true }]] },
    ],
    signVisitor: [{ visitorSecret: 'vs-1' }, { deviceId, expiresInMs: [1, 1e6], now: [0, 1e12] }],
    verifyWebhook: [
      { secret: 'wh-1' },
      { body: ['{}', ''], signature: ['x', null, 'a'.repeat(44)] },
    ],
    ready: [[undefined]],
  };
  for (const name of [
    'issueAdminToken',
    'getAdminToken',
    'issueServerKey',
    'getServerKeyInfo',
    'getSecurityConfig',
    'getNetwork',
  ])
    calls[name] = [admin, call];
  const client = {
    ...keyed,
    storage: ['memory', 'local', 'encrypted'],
    namespace: ['n', undefined],
    deviceId: [undefined, 'd'],
    authTokenFrom: [undefined, () => async () => 'at-1', () => async () => CANARY],
    visitorSignatureFrom: [undefined, () => async () => ({})],
  };
  const methods = {
    getDeviceId: [],
    resume: [call],
    login: [{ ...call, userId, displayName: [undefined, 'Ada'] }],
    loginWithSession: [{ accessToken: 'a.b.c', userId, deviceId, issuedAt: 'x', expiresAt: 'y' }],
    loginAsVisitor: [call],
    loginAsBot: [call],
    accessToken: [{ ...call, minValidityMs: [0, 1000] }],
    renew: [call],
    fetch: [['/x', 'https://service.test/api', 'https://other.test/'], { method: ['GET', 'POST'] }],
    logout: [{ ...call, revoke: [true, false] }],
    secureLogout: [call],
    states: [call],
    close: [],
  };
  const handler = {
    ...service,
    fetch: (chance) => () => fetchOf(emulator)(chance),
    serverKey: [emulator.serverKey, () => async () => emulator.serverKey],
    apiKey: [undefined, emulator.apiKey],
    visitorSecret: [undefined, 'vs-1'],
    authenticate: [() => async () => ({ userId: 'ada' }), () => async () => null],
    allowedOrigins: [undefined, () => [], () => ['https://app.test']],
    allowNonBrowser: [true, false],
    allowUnlimitedVisitors: [true],
    basePath: ['/auth', '', undefined],
  };
  return { calls, client, methods, handler };
};

/** The shapes of the arguments of the emulator's functions, by their path. */
export const EMULATOR_SHAPES = {
  'clock.advance': [[1, 1000, 1e9]],
  'clock.set': [[0, 1e12]],
  'clock.now': [],
  'faults.add': [
    {
      path: [undefined, '/api/v5/sessions'],
      status: [undefined, 429, 503],
      times: [1, 2],
      headers: [undefined, { 'retry-after': '1' }],
      body: [undefined, 'x'],
      delayMs: [undefined, 0],
      drop: [undefined, true, 'after'],
      truncateAt: [undefined, 1],
      clockSkewMs: [undefined, -5],
    },
  ],
  'faults.clear': [],
  users: [],
  sessions: [],
  banUser: [userId],
  unbanUser: [userId],
  deleteUser: [userId],
  setSecureMode: [[true, false]],
  createCertificate: [{ name: ['a'], csr: ['-----BEGIN CERTIFICATE REQUEST-----', 'x'] }],
  reset: [],
};

export const EMULATOR_OPTIONS = {
  apiKey: [undefined, 'ak-1'],
  serverKey: [undefined, 'sk-1'],
  visitorSecret: [undefined, 'vs-1'],
  secureMode: [true, false],
  visitors: [true],
  bots: [true],
  secureVisitorMode: [false],
  visitorDailyQuota: [0, Infinity],
  accessTokenLifetimeMs: [1000],
  allowOrigins: [undefined, () => ['https://a.test']],
  admins: [undefined, () => [{ username: 'a', role: 'admin' }]],
  now: [undefined, 0],
  seed: [undefined, 1],
  onRequest: [undefined, () => () => {}],
};

// Tests the calls of an administrator: their requests, invalid responses, retries, invalid
// arguments, and their effects on the emulator.
import { equal, ok, registerSecret, containsSecret } from './harness.mjs';
import {
  CANARY,
  createResponse,
  collectLogText,
  createRecordingFetch,
  rejects,
  rejectsWithoutRequest,
  resolves,
} from './helpers.mjs';

const ADMIN_TOKEN = registerSecret('adm-never-print-7');
const HOUR_MS = 3_600_000;

/** A valid request of each call. */
const REQUESTS = {
  issueAdminToken: {},
  getAdminToken: {},
  revokeAdminToken: { username: 'grace' },
  revokeUserSessions: { userId: 'ada' },
  issueServerKey: {},
  getServerKeyInfo: {},
  getSecurityConfig: {},
  setSecurityConfig: { serverKey: { expiresInHours: 2 } },
  getNetwork: {},
  setSecureMode: { enabled: true },
  setNetworkPush: { enabled: false },
};

/** Makes a call that fails, and returns the request that it sent. */
const captureRequest = async (edge, operation, request) => {
  const fetch = createRecordingFetch(async () => createResponse({}, { status: 403 }));
  await rejects(() => edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, request));
  const { url, init } = fetch.calls[0];
  return {
    method: init.method,
    path: new URL(url).pathname + new URL(url).search,
    body: init.body && JSON.parse(init.body),
  };
};

/** The method, path and body that each call sends. */
const WIRE_REQUESTS = {
  issueAdminToken: ['POST', '/api/v1/admin-token'],
  getAdminToken: ['GET', '/admin/v1/token'],
  issueServerKey: ['POST', '/api/v3/networks/server-key'],
  getServerKeyInfo: ['GET', '/api/v3/networks/server-key'],
  getSecurityConfig: ['GET', '/api/v3/network-settings/security-configs'],
  setSecurityConfig: [
    'PUT',
    '/api/v3/network-settings/security-configs',
    { serverKey: { expiresInHours: 2 }, adminToken: {} },
  ],
  getNetwork: ['GET', '/api/v3/networks/me'],
  setSecureMode: ['PUT', '/api/v3/networks/me', { useSecureAuthentication: true }],
  setNetworkPush: [
    'POST',
    '/admin/v1/notification/setting',
    { level: 'network', isPushNotifiable: false },
  ],
};

/** Response bodies that each call must reject, although their status is 200. */
const INVALID_BODIES = {
  issueAdminToken: [
    {},
    [],
    'x',
    { adminToken: 'a b', issuedAt: '2026-01-01T00:00:00Z', expiresAt: '2027-01-01T00:00:00Z' },
    { adminToken: 'a' },
  ],
  getAdminToken: [
    { adminToken: '', issuedAt: '2026-01-01T00:00:00Z', expiresAt: '2027-01-01T00:00:00Z' },
  ],
  revokeAdminToken: [{}, [], { success: false }],
  revokeUserSessions: [{ success: 'true' }, '<html>'],
  issueServerKey: [{}, [], '""', '"a b"', '"a\\n"', '42', '<html>'],
  getServerKeyInfo: [{}, { updatedAt: 'never', updatedBy: 'root' }],
  getSecurityConfig: [{}, [], '"no"', { status: 'error', code: 400301 }],
  setSecurityConfig: [{}],
  getNetwork: [{}, []],
  setSecureMode: [{}, []],
  setNetworkPush: [{}, { status: 'error' }, { success: true }],
};

export default ({ test, lib }) => {
  const { edge, emulator } = lib;
  if (!edge) return;
  const startEmulator = async (settings) => {
    const service = await emulator.createEmulator({ secureMode: true, ...settings });
    const options = { endpoint: 'https://emulator.test', fetch: service.fetch };
    const adminOptions = { ...options, adminToken: registerSecret(service.adminToken) };
    return { service, options, adminOptions };
  };

  for (const [operation, [method, path, body]] of Object.entries(WIRE_REQUESTS)) {
    test(`${operation} sends ${method} ${path}`, async () => {
      equal(
        await captureRequest(edge, operation, REQUESTS[operation]),
        { method, path, ...(body && { body }) },
        'request',
      );
    });
  }
  for (const userId of ['.', '..']) {
    test(`the user id ${userId} does not change the path`, async () => {
      const { path } = await captureRequest(edge, 'revokeUserSessions', {
        userId,
        isPublic: false,
      });
      equal(path, `/api/v4/sessions?userId=${userId}&isPublic=false`, 'path');
    });
  }
  for (const [operation, bodies] of Object.entries(INVALID_BODIES)) {
    test(`${operation} rejects an invalid response`, async () => {
      for (const body of bodies) {
        const fetch = createRecordingFetch(async () => createResponse(body));
        await rejects(
          () =>
            edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, REQUESTS[operation]),
          { operation, status: 200 },
        );
      }
    });
  }
  for (const operation of Object.keys(REQUESTS)) {
    const isSentOnce = ['issueAdminToken', 'issueServerKey', 'revokeAdminToken'].includes(
      operation,
    );
    test(`${operation} is ${isSentOnce ? 'never retried' : 'retried'}`, async () => {
      const fetch = createRecordingFetch(async () => createResponse('no', { status: 503 }));
      const options = {
        region: 'eu',
        adminToken: ADMIN_TOKEN,
        fetch,
        retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
      };
      await rejects(() => edge[operation](options, REQUESTS[operation]), {
        kind: 'server',
        attempts: isSentOnce ? 1 : 3,
      });
      equal(fetch.calls.length, isSentOnce ? 1 : 3, 'requests');
    });
    test(`${operation} rejects an invalid admin token without repeating it`, async () => {
      for (const adminToken of [undefined, '', `${CANARY}\n`, `${CANARY} x`, 42]) {
        await rejectsWithoutRequest(
          (fetch) => edge[operation]({ region: 'eu', adminToken, fetch }, REQUESTS[operation]),
          { kind: 'config', message: /adminToken/ },
        );
      }
    });
  }
  for (const [operation, request, message] of [
    ['revokeAdminToken', {}, /username/],
    ['revokeAdminToken', { username: 'x'.repeat(51) }, /username.*50/],
    ['revokeUserSessions', {}, /userId/],
    ['revokeUserSessions', { userId: 'ada', isPublic: 'no' }, /isPublic/],
    ['setSecureMode', {}, /enabled/],
    ['setSecureMode', { enabled: 'false' }, /enabled/],
    ['setSecurityConfig', { serverKey: { expiresInHours: -1 } }, /expiresInHours/],
    ['setSecurityConfig', { adminToken: [] }, /adminToken/],
    ['setNetworkPush', {}, /enabled/],
    ['setNetworkPush', { enabled: true, events: [] }, /events/],
    [
      'setNetworkPush',
      { enabled: true, events: Array(25).fill({ name: 'x', enabled: true }) },
      /24/,
    ],
    ['setNetworkPush', { enabled: true, events: [{ enabled: true }] }, /name/],
    ['setNetworkPush', { enabled: true, events: { length: 1 } }, /events/],
  ]) {
    test(`${operation} rejects the request ${JSON.stringify(request).slice(0, 60)}`, () =>
      rejectsWithoutRequest(
        (fetch) => edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, request),
        { kind: 'invalidRequest', message },
      ));
  }

  test('after a rotation, the old server key is valid for its grace period', async () => {
    const { service, options, adminOptions } = await startEmulator({ now: 0 });
    const old = registerSecret(service.serverKey);
    const key = registerSecret(await resolves(() => edge.issueServerKey(adminOptions)));
    await resolves(() => edge.createAuthToken({ ...options, serverKey: key }, { userId: 'ada' }));
    service.clock.advance(HOUR_MS - 1);
    await resolves(() => edge.createAuthToken({ ...options, serverKey: old }, { userId: 'ada' }));
    service.clock.advance(1);
    await rejects(() => edge.createAuthToken({ ...options, serverKey: old }, { userId: 'ada' }), {
      kind: 'unauthorized',
    });
    const { updatedAt, updatedBy } = await resolves(() => edge.getServerKeyInfo(adminOptions));
    ok(updatedAt instanceof Date, 'updatedAt is not a Date');
    ok(updatedBy.length > 0, 'updatedBy is empty');
  });
  test('an admin token can be issued and revoked, and a log does not show the token', async () => {
    const { adminOptions } = await startEmulator();
    const issued = await resolves(() => edge.issueAdminToken(adminOptions));
    registerSecret(issued.adminToken);
    ok(issued.expiresAt - issued.issuedAt > 364 * 24 * HOUR_MS, 'the token expires within a year');
    ok(!containsSecret(collectLogText(issued)), 'the log contains the token');
    equal(JSON.parse(JSON.stringify(issued)).adminToken, issued.adminToken, 'JSON');
    await resolves(() =>
      edge.revokeAdminToken(
        { ...adminOptions, adminToken: issued.adminToken },
        { username: 'admin' },
      ),
    );
    await rejects(() => edge.getNetwork({ ...adminOptions, adminToken: issued.adminToken }), {
      kind: 'unauthorized',
    });
  });
  test('revokeUserSessions ends all sessions of one user only', async () => {
    const { service, options, adminOptions } = await startEmulator();
    const signIn = (userId) =>
      edge.exchangeSession(
        { ...options, serverKey: service.serverKey, apiKey: service.apiKey },
        { userId, deviceId: userId },
      );
    const [ada, bob] = [await resolves(() => signIn('ada')), await resolves(() => signIn('bob'))];
    await resolves(() => edge.revokeUserSessions(adminOptions, { userId: 'ada' }));
    equal(
      await edge.verifySession(options, ada.accessToken),
      { valid: false, reason: 'unauthorized' },
      'session of ada',
    );
    equal(await edge.verifySession(options, bob.accessToken), { valid: true }, 'session of bob');
    await rejects(() => edge.revokeUserSessions(adminOptions, { userId: 'nobody' }), {
      kind: 'notFound',
      code: 400400,
    });
  });
  test('secure mode, grace periods and push notifications can be changed', async () => {
    const { adminOptions } = await startEmulator();
    await resolves(() => edge.setSecureMode(adminOptions, { enabled: false }));
    const network = await resolves(() => edge.getNetwork(adminOptions));
    equal(network.useSecureAuthentication, false, 'useSecureAuthentication');
    await resolves(() =>
      edge.setSecurityConfig(adminOptions, { serverKey: { expiresInHours: 3 } }),
    );
    const { serverKey, adminToken } = await resolves(() => edge.getSecurityConfig(adminOptions));
    equal(serverKey.expiresInHours, 3, 'hours of the server key');
    equal(adminToken.expiresInHours, 24, 'hours of the admin token');
    equal(
      await resolves(() =>
        edge.setNetworkPush(adminOptions, {
          enabled: true,
          events: [{ name: 'chat', enabled: false }],
        }),
      ),
      undefined,
      'result of setNetworkPush',
    );
  });
};

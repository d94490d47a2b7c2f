// The calls of an administrator: end to end against the emulator, their requests, invalid
// responses, retries, and invalid arguments.
import { equal, ok, secret, containsSecret } from './harness.mjs';
import {
  CANARY,
  answer,
  logOutput,
  recordingFetch,
  rejects,
  rejectsUnsent,
  resolves,
} from './helpers.mjs';

const ADMIN_TOKEN = secret('adm-never-print-7');
const HOUR = 3_600_000;

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

const requestOf = async (edge, operation, request, more) => {
  const fetch = recordingFetch(async () => answer({}, { status: 403 }));
  await rejects(() =>
    edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch, ...more }, request),
  );
  const { url, init } = fetch.calls[0];
  return {
    method: init.method,
    path: new URL(url).pathname + new URL(url).search,
    body: init.body && JSON.parse(init.body),
  };
};

const WIRE = {
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

/** Bodies that are invalid responses to the call, sent with status 200. */
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
  const startEmulator = async (options) => {
    const service = await emulator.createEmulator({ secureMode: true, ...options });
    const at = { endpoint: 'https://emulator.test', fetch: service.fetch };
    return { service, at, admin: { ...at, adminToken: secret(service.adminToken) } };
  };

  for (const [operation, [method, path, body]] of Object.entries(WIRE)) {
    test(`${operation} sends ${method} ${path}`, async () => {
      equal(
        await requestOf(edge, operation, REQUESTS[operation]),
        { method, path, ...(body && { body }) },
        'request',
      );
    });
  }
  for (const userId of ['.', '..']) {
    test(`the user id ${userId} does not change the path`, async () => {
      const { path } = await requestOf(edge, 'revokeUserSessions', { userId, isPublic: false });
      equal(path, `/api/v4/sessions?userId=${userId}&isPublic=false`, 'path');
    });
  }
  for (const [operation, bodies] of Object.entries(INVALID_BODIES)) {
    test(`${operation} rejects an invalid response`, async () => {
      for (const body of bodies) {
        const fetch = recordingFetch(async () => answer(body));
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
      const fetch = recordingFetch(async () => answer('no', { status: 503 }));
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
        await rejectsUnsent(
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
      rejectsUnsent(
        (fetch) => edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, request),
        { kind: 'invalidRequest', message },
      ));
  }

  test('after a rotation the old server key is valid for its grace period', async () => {
    const { service, at, admin } = await startEmulator({ now: 0 });
    const old = secret(service.serverKey);
    const key = secret(await resolves(() => edge.issueServerKey(admin)));
    await resolves(() => edge.createAuthToken({ ...at, serverKey: key }, { userId: 'ada' }));
    service.clock.advance(HOUR - 1);
    await resolves(() => edge.createAuthToken({ ...at, serverKey: old }, { userId: 'ada' }));
    service.clock.advance(1);
    await rejects(() => edge.createAuthToken({ ...at, serverKey: old }, { userId: 'ada' }), {
      kind: 'unauthorized',
    });
    const { updatedAt, updatedBy } = await resolves(() => edge.getServerKeyInfo(admin));
    ok(updatedAt instanceof Date, 'updatedAt is not a Date');
    ok(updatedBy.length > 0, 'updatedBy is empty');
  });
  test('an admin token can be issued and revoked, and logging it does not reveal it', async () => {
    const { admin } = await startEmulator();
    const issued = await resolves(() => edge.issueAdminToken(admin));
    secret(issued.adminToken);
    ok(issued.expiresAt - issued.issuedAt > 364 * 24 * HOUR, 'the token expires within a year');
    ok(!containsSecret(logOutput(issued)), 'the log contains the token');
    equal(JSON.parse(JSON.stringify(issued)).adminToken, issued.adminToken, 'JSON');
    await resolves(() =>
      edge.revokeAdminToken({ ...admin, adminToken: issued.adminToken }, { username: 'admin' }),
    );
    await rejects(() => edge.getNetwork({ ...admin, adminToken: issued.adminToken }), {
      kind: 'unauthorized',
    });
  });
  test('revokeUserSessions ends all sessions of one user only', async () => {
    const { service, at, admin } = await startEmulator();
    const signIn = (userId) =>
      edge.exchangeSession(
        { ...at, serverKey: service.serverKey, apiKey: service.apiKey },
        { userId, deviceId: userId },
      );
    const [ada, bob] = [await resolves(() => signIn('ada')), await resolves(() => signIn('bob'))];
    await resolves(() => edge.revokeUserSessions(admin, { userId: 'ada' }));
    equal(
      await edge.verifySession(at, ada.accessToken),
      { valid: false, reason: 'unauthorized' },
      'session of ada',
    );
    equal(await edge.verifySession(at, bob.accessToken), { valid: true }, 'session of bob');
    await rejects(() => edge.revokeUserSessions(admin, { userId: 'nobody' }), {
      kind: 'notFound',
      code: 400400,
    });
  });
  test('secure mode, grace periods and push notifications can be changed', async () => {
    const { admin } = await startEmulator();
    await resolves(() => edge.setSecureMode(admin, { enabled: false }));
    const network = await resolves(() => edge.getNetwork(admin));
    equal(network.useSecureAuthentication, false, 'useSecureAuthentication');
    await resolves(() => edge.setSecurityConfig(admin, { serverKey: { expiresInHours: 3 } }));
    const { serverKey, adminToken } = await resolves(() => edge.getSecurityConfig(admin));
    equal(serverKey.expiresInHours, 3, 'hours of the server key');
    equal(adminToken.expiresInHours, 24, 'hours of the admin token');
    equal(
      await resolves(() =>
        edge.setNetworkPush(admin, { enabled: true, events: [{ name: 'chat', enabled: false }] }),
      ),
      undefined,
      'result of setNetworkPush',
    );
  });
};

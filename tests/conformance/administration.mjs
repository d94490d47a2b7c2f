// Tests the calls of an administrator: the cases of vectors.json (requests, invalid responses,
// retries, invalid arguments), and the effects of the calls on the emulator.
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

/** Makes a call that fails, and returns the request that it sent. */
const captureRequest = async (edge, operation, request) => {
  const fetch = createRecordingFetch(async () => createResponse({}, { status: 403 }));
  await rejects(() => edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, request));
  const { url, init } = fetch.calls[0];
  return {
    method: init.method,
    path: new URL(url).pathname + new URL(url).search,
    ...(init.body && { body: JSON.parse(init.body) }),
  };
};

export default ({ test, lib, vectors }) => {
  const { edge, emulator } = lib;
  if (!edge) return;
  const startEmulator = async (settings) => {
    const service = await emulator.createEmulator({ secureMode: true, ...settings });
    const options = { endpoint: 'https://emulator.test', fetch: service.fetch };
    const adminOptions = { ...options, adminToken: registerSecret(service.adminToken) };
    return { service, options, adminOptions };
  };

  for (const userId of ['.', '..']) {
    test(`the user id ${userId} does not change the path`, async () => {
      const { path } = await captureRequest(edge, 'revokeUserSessions', {
        userId,
        isPublic: false,
      });
      equal(path, `/api/v4/sessions?userId=${userId}&isPublic=false`, 'path');
    });
  }
  for (const vector of vectors.administration) {
    const { operation, input, request, isSentOnce } = vector;
    const { method, path } = request;
    test(`${operation} sends ${method} ${path}`, async () => {
      equal(await captureRequest(edge, operation, input), request, 'request');
    });
    test(`${operation} rejects an invalid response`, async () => {
      for (const body of vector.invalidBodies) {
        const fetch = createRecordingFetch(async () => createResponse(body));
        await rejects(
          () => edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, input),
          {
            operation,
            status: 200,
          },
        );
      }
    });
    test(`${operation} is ${isSentOnce ? 'not retried' : 'retried'} after a 503`, async () => {
      const fetch = createRecordingFetch(async () => createResponse('no', { status: 503 }));
      const options = {
        region: 'eu',
        adminToken: ADMIN_TOKEN,
        fetch,
        retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
      };
      await rejects(() => edge[operation](options, input), {
        kind: 'server',
        attempts: isSentOnce ? 1 : 3,
      });
      equal(fetch.calls.length, isSentOnce ? 1 : 3, 'requests');
    });
    test(`${operation} rejects an invalid admin token without revealing it`, async () => {
      for (const adminToken of [undefined, '', `${CANARY}\n`, `${CANARY} x`, 42]) {
        await rejectsWithoutRequest(
          (fetch) => edge[operation]({ region: 'eu', adminToken, fetch }, input),
          { kind: 'config', message: /adminToken/ },
        );
      }
    });
    for (const rejected of vector.rejectedInputs) {
      test(`${operation} rejects the input ${JSON.stringify(rejected.input).slice(0, 60)}`, () =>
        rejectsWithoutRequest(
          (fetch) =>
            edge[operation]({ region: 'eu', adminToken: ADMIN_TOKEN, fetch }, rejected.input),
          { kind: 'invalidRequest', message: new RegExp(rejected.message) },
        ));
    }
  }

  test('a replaced server key has a grace period; getServerKeyInfo names the issuer', async () => {
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
    ok(
      issued.expiresAt - issued.issuedAt > 364 * 24 * HOUR_MS,
      'the token expires within 364 days',
    );
    ok(!containsSecret(collectLogText(issued)), 'the log contains the token');
    equal(
      JSON.parse(JSON.stringify(issued)).adminToken,
      issued.adminToken,
      'adminToken in the JSON',
    );
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
  test('revokeUserSessions ends only one user’s session, and rejects an unknown user', async () => {
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
  test('secure mode and grace periods can be changed, and setNetworkPush resolves', async () => {
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

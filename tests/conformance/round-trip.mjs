// Mints, redeems, verifies and revokes tokens against the emulator: in secure mode, in each API
// version, for many concurrent users, and during faults of the service.
import { equal, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const DAY_MS = 86_400_000;
const fastRetry = { baseDelayMs: 1, maxDelayMs: 5 };

const createInvalidResult = (reason) => ({ valid: false, reason });
const summarizeRequests = ({ requests }) =>
  requests.map(({ method, path, status }) => `${method} ${path} ${status}`);

const testMainFlow = (test, lib) => {
  test('in secure mode, a session can be created, verified and revoked', async () => {
    const { service, clientOptions, signIn, verify } = await startEmulator(lib);
    const session = await signIn('ada', { displayName: 'Ada' });
    equal(session.user.userId, 'ada', 'userId');
    equal(session.user.displayName, 'Ada', 'displayName');
    equal(session.expiresAt - session.issuedAt, 30 * DAY_MS, 'lifetime');
    equal(await verify(session.accessToken), { valid: true }, 'verification');
    await resolves(() =>
      lib.browser.revokeSession({ region: 'eu', fetch: clientOptions.fetch }, session.accessToken),
    );
    equal(
      await verify(session.accessToken),
      createInvalidResult('unauthorized'),
      'verification after the revocation',
    );
    equal(
      summarizeRequests(service),
      [
        'POST /api/v4/authentication/token 200',
        'POST /api/v5/sessions 200',
        'GET /api/v3/sessions 200',
        'DELETE /api/v4/sessions 200',
        'GET /api/v3/sessions 401',
      ],
      'requests',
    );
    ok(!containsSecret(JSON.stringify(service.requests)), 'a recorded request contains a secret');
    const sessions = service.sessions();
    equal(
      sessions.map(({ userId }) => userId),
      ['ada'],
      'users with a session at the service',
    );
    ok(!sessions[0].valid, 'the revoked session is still valid');
  });
  for (const apiVersion of ['v3', 'v4', 'v5']) {
    test(`a session created with API ${apiVersion} has the fields of that version`, async () => {
      const { service, signIn, verify } = await startEmulator(lib);
      const session = await signIn('ada', {}, { apiVersion });
      const isV5 = apiVersion === 'v5';
      equal(typeof session.refreshToken, isV5 ? 'undefined' : 'string', 'type of refreshToken');
      equal(session.userType, isV5 ? 'signed-in' : undefined, 'userType');
      equal(session.expiresAt - session.issuedAt, 30 * DAY_MS, 'lifetime');
      equal(await verify(session.accessToken), { valid: true }, 'verification');
      ok(
        summarizeRequests(service).includes(`POST /api/${apiVersion}/sessions 200`),
        `requests: ${summarizeRequests(service)}`,
      );
    });
  }
  test('without secure mode, a session needs no auth token', async () => {
    const { signIn, verify } = await startEmulator(lib, { secureMode: false });
    equal(
      await verify((await signIn('ada', { authToken: undefined })).accessToken),
      { valid: true },
      'verification',
    );
  });
  test('refreshAccessToken accepts only the user’s own refresh token', async () => {
    const { clientOptions, signIn, verify } = await startEmulator(lib);
    const { refreshToken } = await signIn('ada', {}, { apiVersion: 'v3' });
    const renewed = registerSecret(
      await resolves(() =>
        lib.browser.refreshAccessToken(clientOptions, { userId: 'ada', refreshToken }),
      ),
    );
    equal(await verify(renewed), { valid: true }, 'verification');
    await rejects(
      () =>
        lib.browser.refreshAccessToken(clientOptions, {
          userId: 'ada',
          refreshToken: 'not-this-one',
        }),
      { kind: 'unauthorized' },
    );
    await rejects(
      () => lib.browser.refreshAccessToken(clientOptions, { userId: 'eve', refreshToken }),
      {
        kind: 'unauthorized',
      },
    );
  });
  test('200 concurrent users each get their own session', async () => {
    const { service, signIn, verify } = await startEmulator(lib);
    const ids = Array.from({ length: 200 }, (_, n) => `user-${n}`);
    const sessions = await Promise.all(ids.map((id) => signIn(id)));
    equal(
      sessions.map(({ userId }) => userId),
      ids,
      'userId of each session',
    );
    equal(
      sessions.map(({ user }) => user.userId),
      ids,
      'user of each session',
    );
    equal(
      sessions.map(({ deviceId }) => deviceId),
      ids.map((id) => `device of ${id}`),
      'device of each session',
    );
    equal(new Set(sessions.map(({ accessToken }) => accessToken)).size, 200, 'distinct tokens');
    for (const verified of await Promise.all(
      sessions.map(({ accessToken }) => verify(accessToken)),
    ))
      equal(verified, { valid: true }, 'verification');
    equal(
      service
        .sessions()
        .filter(({ valid }) => valid)
        .map(({ userId }) => userId)
        .sort(),
      [...ids].sort(),
      'users with a valid session at the service',
    );
  });
  test('user ids with special characters are sent unchanged', async () => {
    const { signIn } = await startEmulator(lib);
    for (const userId of [
      'é&=?#/ %',
      '👩‍👩‍👧',
      '"\\',
      '__proto__',
      'constructor',
      '0',
      'null',
      'a\nb',
      '字'.repeat(50),
    ])
      equal((await signIn(userId)).userId, userId, 'userId');
  });
};

const testFaults = (test, lib) => {
  const { createSession, verifySession } = lib.browser;
  test('a call succeeds after a transient fault', async () => {
    const { service, clientOptions, mint } = await startEmulator(lib);
    const authToken = await mint('ada');
    for (const fault of [
      { status: 503 },
      { drop: true },
      { drop: 'afterHandling' },
      { status: 429, headers: { 'retry-after': '0' } },
    ]) {
      service.faults.add({ path: '/api/v5/sessions', method: 'POST', times: 2, ...fault });
      equal(
        (
          await resolves(
            () =>
              createSession(
                { ...clientOptions, retry: fastRetry },
                { userId: 'ada', deviceId: 'd', authToken },
              ),
            JSON.stringify(fault),
          )
        ).userId,
        'ada',
        'userId',
      );
      equal(
        service.sessions().filter(({ valid }) => valid).length,
        1,
        `valid sessions after ${JSON.stringify(fault)}`,
      );
    }
  });
  for (const [fault, expected] of [
    [{ status: 503 }, { kind: 'server', status: 503, attempts: 3 }],
    [{ drop: true }, { kind: 'network', attempts: 3 }],
    [
      { status: 401, body: 'Unauthorized' },
      { kind: 'unauthorized', attempts: 1 },
    ],
    [
      { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } },
      { kind: 'invalidResponse', status: 200, attempts: 1 },
    ],
    [
      { status: 302, headers: { location: 'https://evil.test/' } },
      { kind: 'invalidResponse', attempts: 1 },
    ],
    [{ truncateAt: 40 }, { kind: ['invalidResponse', 'network'] }],
    [
      { status: 429, headers: { 'retry-after': '60' } },
      { kind: 'rateLimited', retryAfterMs: 60_000, attempts: 1 },
    ],
  ]) {
    test(`a call rejects if this fault persists: ${JSON.stringify(fault)}`, async () => {
      const { service, clientOptions, mint, signIn } = await startEmulator(lib);
      const authToken = await mint('ada');
      service.faults.add({ path: '/api/v5/sessions', times: 9, ...fault });
      await rejects(
        () =>
          createSession(
            { ...clientOptions, retry: fastRetry },
            { userId: 'ada', deviceId: 'd', authToken },
          ),
        expected,
      );
      service.faults.clear();
      await signIn('ada');
    });
  }
  test('a call rejects with timeout if the service responds too late', async () => {
    const { service, clientOptions, mint } = await startEmulator(lib);
    const authToken = await mint('ada');
    service.faults.add({ path: '/api/v5/sessions', delayMs: 60_000 });
    await rejects(
      () =>
        createSession(
          { ...clientOptions, retry: false, timeoutMs: 5 },
          { userId: 'ada', deviceId: 'd', authToken },
        ),
      {
        kind: 'timeout',
        attempts: 1,
      },
    );
  });
  test('a verification rejects at a fault instead of reporting an invalid token', async () => {
    const { service, clientOptions, signIn } = await startEmulator(lib);
    const { accessToken } = await signIn('ada');
    for (const fault of [
      { status: 500 },
      { drop: true },
      { status: 200, body: '<html>' },
      { status: 302, headers: { location: '/' } },
    ]) {
      service.faults.add({ path: '/api/v3/sessions', ...fault });
      const { error, value } = await getOutcome(() =>
        verifySession({ region: 'eu', fetch: clientOptions.fetch, retry: false }, accessToken),
      );
      ok(
        lib.browser.SocialPlusError.is(error),
        `${JSON.stringify(fault)}: got ${error ?? JSON.stringify(value)}, not a SocialPlusError`,
      );
    }
  });
  test('a user who makes over 100 calls in five seconds gets rateLimited', async () => {
    const { service, clientOptions, signIn, verify } = await startEmulator(lib);
    const { accessToken } = await signIn('ada');
    let error;
    for (let n = 0; n < 105 && !error; n++)
      ({ error } = await getOutcome(() =>
        verifySession({ region: 'eu', fetch: clientOptions.fetch, retry: false }, accessToken),
      ));
    equal(error?.kind, 'rateLimited', 'kind');
    equal(error?.code, 400311, 'code');
    equal(error?.status, 429, 'status');
    ok(
      error.retryAfterMs > 0 && error.retryAfterMs <= 5000,
      `retryAfterMs is ${error.retryAfterMs}`,
    );
    service.clock.advance(5001);
    equal(await verify(accessToken), { valid: true }, 'verification');
  });
};

export default ({ test, lib }) => {
  testMainFlow(test, lib);
  testFaults(test, lib);
};

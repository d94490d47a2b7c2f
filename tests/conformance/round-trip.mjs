// The main job against the emulator: mint, redeem, verify, revoke; in secure mode, in each version,
// for many users at once, and when the service stumbles.
import { equal, ok, secret, settled, spills } from './harness.mjs';
import { resolves, rejects } from './helpers.mjs';

const DAY = 86_400_000;
const quick = { baseDelayMs: 1, maxDelayMs: 5 };
const START = Date.UTC(2026, 0, 1);

/**
 * An emulator and what is needed to call it. Its keys are named as secrets, but for the API key,
 * which anyone may hold.
 */
export const started = async ({ emulator, browser, edge }, options = {}) => {
  const service = await emulator.createEmulator({
    secureMode: true,
    now: START,
    seed: 7,
    ...options,
  });
  const { fetch } = service;
  for (const key of ['serverKey', 'adminToken', 'visitorSecret'])
    if (typeof service[key] === 'string') secret(service[key]);
  const open = { region: 'eu', apiKey: service.apiKey, fetch };
  /** By the edge entry; where there is none (a browser), by the bare request that it makes. */
  const mint = async (userId, apiVersion) => {
    if (edge)
      return secret(
        (
          await resolves(() =>
            edge.createAuthToken(
              { region: 'eu', serverKey: service.serverKey, fetch, apiVersion },
              { userId },
            ),
          )
        ).token,
      );
    const response = await fetch('https://apix.eu.amity.co/api/v4/authentication/token', {
      method: 'POST',
      body: JSON.stringify({ userId }),
      headers: {
        'x-server-key': service.serverKey,
        'content-type': 'application/json',
        accept: 'application/json, text/plain',
      },
    });
    return secret(JSON.parse(await response.text()));
  };
  const signIn = async (userId, more = {}, options = {}) => {
    const session = await resolves(
      async () =>
        browser.createSession(
          { ...open, ...options },
          {
            userId,
            deviceId: `device of ${userId}`,
            ...more,
            authToken: 'authToken' in more ? more.authToken : await mint(userId),
          },
        ),
      `session of ${userId}`,
    );
    secret(session.accessToken);
    if (session.refreshToken) secret(session.refreshToken);
    return session;
  };
  const verify = (accessToken, options) =>
    resolves(() => browser.verifySession({ region: 'eu', fetch, ...options }, accessToken));
  return { service, open, mint, signIn, verify };
};
const bad = (reason) => ({ valid: false, reason });
const asked = ({ requests }) =>
  requests.map(({ method, path, status }) => `${method} ${path} ${status}`);

const mainJob = (test, lib) => {
  test('secure mode from the minting to the revoking', async () => {
    const { service, open, signIn, verify } = await started(lib);
    const session = await signIn('ada', { displayName: 'Ada' });
    equal(session.user.userId, 'ada', 'session: userId');
    equal(session.user.displayName, 'Ada', 'session: displayName');
    equal(
      session.expiresAt - session.issuedAt,
      30 * DAY,
      'session: session.expiresAt - session.issuedAt',
    );
    equal(await verify(session.accessToken), { valid: true }, 'verified');
    await resolves(() =>
      lib.browser.revokeSession({ region: 'eu', fetch: open.fetch }, session.accessToken),
    );
    equal(await verify(session.accessToken), bad('unauthorized'), 'verified after the revoking');
    equal(
      asked(service),
      [
        'POST /api/v4/authentication/token 200',
        'POST /api/v5/sessions 200',
        'GET /api/v3/sessions 200',
        'DELETE /api/v4/sessions 200',
        'GET /api/v3/sessions 401',
      ],
      'requests',
    );
    ok(!spills(JSON.stringify(service.requests)), 'a recorded request shows a secret');
    equal(
      service.sessions().map(({ userId, valid }) => [userId, valid]),
      [['ada', false]],
      'sessions of the service',
    );
  });
  for (const apiVersion of ['v3', 'v4', 'v5']) {
    test(`a session of ${apiVersion}`, async () => {
      const { service, signIn, verify } = await started(lib);
      const session = await signIn('ada', {}, { apiVersion });
      equal(
        [typeof session.refreshToken, session.userType],
        apiVersion === 'v5' ? ['undefined', 'signed-in'] : ['string', undefined],
        'refresh token, user type',
      );
      equal(session.expiresAt - session.issuedAt, 30 * DAY, 'lifetime');
      equal(await verify(session.accessToken), { valid: true }, 'verified');
      ok(asked(service).includes(`POST /api/${apiVersion}/sessions 200`), 'the request');
    });
  }
  test('unsecure mode: a session without an auth token', async () => {
    const { signIn, verify } = await started(lib, { secureMode: false });
    equal(
      await verify((await signIn('ada', { authToken: undefined })).accessToken),
      { valid: true },
      'verified',
    );
  });
  test('the legacy refresh gives a new access token for a refresh token', async () => {
    const { open, signIn, verify } = await started(lib);
    const { refreshToken } = await signIn('ada', {}, { apiVersion: 'v3' });
    const renewed = secret(
      await resolves(() => lib.browser.refreshAccessToken(open, { userId: 'ada', refreshToken })),
    );
    equal(await verify(renewed), { valid: true }, 'verified');
    await rejects(
      () => lib.browser.refreshAccessToken(open, { userId: 'ada', refreshToken: 'not-this-one' }),
      { kind: 'unauthorized' },
    );
    await rejects(() => lib.browser.refreshAccessToken(open, { userId: 'eve', refreshToken }), {
      kind: 'unauthorized',
    });
  });
  test('200 users at once, and none gets the session of another', async () => {
    const { service, signIn, verify } = await started(lib);
    const ids = Array.from({ length: 200 }, (_, n) => `user-${n}`);
    const sessions = await Promise.all(ids.map((id) => signIn(id)));
    equal(
      sessions.map(({ userId, user, deviceId }) => [userId, user.userId, deviceId]),
      ids.map((id) => [id, id, `device of ${id}`]),
      'users',
    );
    equal(new Set(sessions.map(({ accessToken }) => accessToken)).size, 200, 'different tokens');
    for (const verified of await Promise.all(
      sessions.map(({ accessToken }) => verify(accessToken)),
    ))
      equal(verified, { valid: true }, 'verified');
    equal(
      service
        .sessions()
        .filter(({ valid }) => valid)
        .map(({ userId }) => userId)
        .sort(),
      [...ids].sort(),
      'sessions of the service',
    );
  });
  test('user ids of any kind arrive as they are', async () => {
    const { signIn } = await started(lib);
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

const stumbles = (test, lib) => {
  const { createSession, verifySession } = lib.browser;
  test('a fault that passes is got over', async () => {
    const { service, open, mint } = await started(lib);
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
              createSession({ ...open, retry: quick }, { userId: 'ada', deviceId: 'd', authToken }),
            JSON.stringify(fault),
          )
        ).userId,
        'ada',
        'userId',
      );
      equal(
        service.sessions().filter(({ valid }) => valid).length,
        1,
        `sessions that are good after ${JSON.stringify(fault)}`,
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
    test(`a fault that stays: ${JSON.stringify(fault)}`, async () => {
      const { service, open, mint, signIn } = await started(lib);
      const authToken = await mint('ada');
      service.faults.add({ path: '/api/v5/sessions', times: 9, ...fault });
      await rejects(
        () => createSession({ ...open, retry: quick }, { userId: 'ada', deviceId: 'd', authToken }),
        expected,
      );
      service.faults.clear();
      await signIn('ada');
    });
  }
  test('a service that is slow is a timeout, and the call is over', async () => {
    const { service, open, mint } = await started(lib);
    const authToken = await mint('ada');
    service.faults.add({ path: '/api/v5/sessions', delayMs: 60_000 });
    await rejects(
      () =>
        createSession(
          { ...open, retry: false, timeoutMs: 5 },
          { userId: 'ada', deviceId: 'd', authToken },
        ),
      {
        kind: 'timeout',
        attempts: 1,
      },
    );
  });
  test('a verification that stumbles never says that the token is bad', async () => {
    const { service, open, signIn } = await started(lib);
    const { accessToken } = await signIn('ada');
    for (const fault of [
      { status: 500 },
      { drop: true },
      { status: 200, body: '<html>' },
      { status: 302, headers: { location: '/' } },
    ]) {
      service.faults.add({ path: '/api/v3/sessions', ...fault });
      const { error, value } = await settled(() =>
        verifySession({ region: 'eu', fetch: open.fetch, retry: false }, accessToken),
      );
      ok(
        lib.browser.SocialPlusError.is(error),
        `${JSON.stringify(fault)} came to ${JSON.stringify(value)}`,
      );
    }
  });
  test('over a hundred calls of a user in five seconds are rateLimited, and pass when the time has', async () => {
    const { service, open, signIn, verify } = await started(lib);
    const { accessToken } = await signIn('ada');
    let error;
    for (let n = 0; n < 105 && !error; n++)
      ({ error } = await settled(() =>
        verifySession({ region: 'eu', fetch: open.fetch, retry: false }, accessToken),
      ));
    equal(error?.kind, 'rateLimited', 'the refusal: kind');
    equal(error?.code, 400311, 'the refusal: code');
    equal(error?.status, 429, 'the refusal: status');
    ok(
      error.retryAfterMs > 0 && error.retryAfterMs <= 5000,
      `retryAfterMs is ${error.retryAfterMs}`,
    );
    service.clock.advance(5001);
    equal(await verify(accessToken), { valid: true }, 'verified');
  });
};

export default ({ test, lib }) => {
  mainJob(test, lib);
  stumbles(test, lib);
};

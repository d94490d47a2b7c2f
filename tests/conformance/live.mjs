// Tests calls over real connections with the engine's own `fetch`: signing in, redirects, CORS, and
// responses that break, stall or never end.
import { equal, registerSecret } from './harness.mjs';
import { listEntries, rejects, resolves } from './helpers.mjs';

const fastRetry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 };

const testSignIn = (test, lib, live) => {
  const clientOptions = { endpoint: live.url, apiKey: live.apiKey };
  for (const [entry, api] of listEntries(lib)) {
    test(`${entry}: a user can sign in, verify the session and sign out`, async () => {
      const session = await resolves(() =>
        api.createSession(clientOptions, {
          userId: 'ada',
          deviceId: `live ${entry}`,
          authToken: live.authToken,
        }),
      );
      registerSecret(session.accessToken);
      equal(
        await resolves(() => api.verifySession({ endpoint: live.url }, session.accessToken)),
        { valid: true },
        'verification',
      );
      await resolves(() => api.revokeSession({ endpoint: live.url }, session.accessToken));
      equal(
        await resolves(() => api.verifySession({ endpoint: live.url }, session.accessToken)),
        { valid: false, reason: 'unauthorized' },
        'verification after the revocation',
      );
    });
    test(`${entry}: an error of the service can be read across origins`, () =>
      rejects(() => api.createSession(clientOptions, { userId: 'ada', deviceId: 'd' }), {
        kind: 'secureModeRequired',
        status: 403,
        code: 400300,
      }));
  }
  if (lib.edge) {
    test('edge: exchangeSession mints and redeems an auth token', async () => {
      const session = await resolves(() =>
        lib.edge.exchangeSession(
          { ...clientOptions, serverKey: live.serverKey },
          { userId: 'grace', deviceId: 'live exchange' },
        ),
      );
      equal(session.userId, 'grace', 'userId');
    });
  }
};

const FAULTS = {
  noResponse: { kind: 'timeout' },
  stalledBody: { kind: 'timeout' },
  truncatedBody: { kind: 'network' },
  connectionReset: { kind: 'network' },
  largeBody: { kind: 'invalidResponse' },
  endlessBody: { kind: 'invalidResponse' },
  gzipBomb: { kind: 'invalidResponse' },
  htmlPage: { kind: 'invalidResponse', status: 200 },
  rateLimit: { kind: 'rateLimited', status: 429, code: 400311, retryAfterMs: 60_000 },
};

export default ({ test, lib, engine: { live } }) => {
  if (!live) return;
  testSignIn(test, lib, live);
  const { createSession, verifySession } = lib.browser;
  const clientOptions = { apiKey: live.apiKey };
  const request = { userId: 'ada', deviceId: 'dev-1', authToken: live.authToken };
  registerSecret(live.serverKey);
  registerSecret(live.authToken);
  for (const [fault, expected] of Object.entries(FAULTS)) {
    // Only faults that stall get a short timeout: a busy machine may be slow to deliver the
    // responses of the others.
    const timeoutMs = expected.kind === 'timeout' ? 200 : 20_000;
    test(`rejects with ${expected.kind} at the network fault ${fault}`, () =>
      rejects(
        () =>
          createSession(
            { ...clientOptions, endpoint: `${live.faultyUrl}/${fault}`, retry: false, timeoutMs },
            request,
          ),
        expected,
      ));
  }
  for (const status of [301, 302, 303, 307, 308]) {
    test(`a redirect with ${status} is not followed`, async () => {
      const countFollowed = async () =>
        (await (await fetch(`${live.faultyUrl}/count`)).json()).followedRedirects;
      const before = await countFollowed();
      await rejects(
        () =>
          createSession(
            {
              ...clientOptions,
              endpoint: `${live.faultyUrl}/redirect/${status}`,
              retry: fastRetry,
            },
            request,
          ),
        {
          kind: 'invalidResponse',
          attempts: 1,
          retryable: false,
        },
      );
      await rejects(
        () =>
          verifySession(
            { endpoint: `${live.faultyUrl}/redirect/${status}`, retry: fastRetry },
            'at',
          ),
        {
          kind: 'invalidResponse',
          attempts: 1,
        },
      );
      equal(await countFollowed(), before, 'requests to the target of the redirect');
    });
  }
  test('a call to a port without a server rejects with network', () =>
    rejects(
      () => createSession({ ...clientOptions, endpoint: live.deadUrl, retry: fastRetry }, request),
      {
        kind: 'network',
        retryable: true,
        attempts: 2,
      },
    ));
  test('an abort rejects a call whose request is in flight', async () => {
    const controller = new AbortController();
    const onEvent = ({ type }) => {
      if (type === 'attempt') setTimeout(() => controller.abort(), 0);
    };
    await rejects(
      () =>
        createSession(
          { ...clientOptions, endpoint: `${live.faultyUrl}/noResponse`, onEvent },
          { ...request, signal: controller.signal },
        ),
      {
        kind: 'aborted',
      },
    );
  });
};

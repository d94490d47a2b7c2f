// The same over a real network, with the engine's own fetch: real redirects, real CORS, connections
// that break, hang and never end.
import { equal, ok, secret, spills } from './harness.mjs';
import { entries, resolves, rejects } from './helpers.mjs';

const quick = { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 };

const signingIn = (test, lib, live) => {
  const open = { endpoint: live.url, apiKey: live.apiKey };
  for (const [entry, api] of entries(lib)) {
    test(`${entry}: sign in, verify, sign out`, async () => {
      const session = await resolves(() =>
        api.createSession(open, {
          userId: 'ada',
          deviceId: `live ${entry}`,
          authToken: live.authToken,
        }),
      );
      secret(session.accessToken);
      equal(
        await resolves(() => api.verifySession({ endpoint: live.url }, session.accessToken)),
        { valid: true },
        'verified',
      );
      await resolves(() => api.revokeSession({ endpoint: live.url }, session.accessToken));
      equal(
        await resolves(() => api.verifySession({ endpoint: live.url }, session.accessToken)),
        { valid: false, reason: 'unauthorized' },
        'verified after the revoking',
      );
    });
    test(`${entry}: an error of the service is read across origins`, () =>
      rejects(() => api.createSession(open, { userId: 'ada', deviceId: 'd' }), {
        kind: 'secureModeRequired',
        status: 403,
        code: 400300,
      }));
  }
  if (lib.edge) {
    test('edge: mint and redeem in one call', async () => {
      const session = await resolves(() =>
        lib.edge.exchangeSession(
          { ...open, serverKey: live.serverKey },
          { userId: 'grace', deviceId: 'live exchange' },
        ),
      );
      ok(session.userId === 'grace' && !spills(session.userId), 'userId');
    });
  }
};

const misdeeds = {
  hang: { kind: 'timeout' },
  half: { kind: 'timeout' },
  cut: { kind: 'network' },
  reset: { kind: 'network' },
  large: { kind: 'invalidResponse' },
  endless: { kind: 'invalidResponse' },
  bomb: { kind: 'invalidResponse' },
  page: { kind: 'invalidResponse', status: 200 },
  busy: { kind: 'rateLimited', status: 429, code: 400311, retryAfterMs: 60_000 },
};

export default ({ test, lib, engine: { live } }) => {
  if (!live) return;
  signingIn(test, lib, live);
  const { createSession, verifySession } = lib.browser;
  const open = { apiKey: live.apiKey };
  const request = { userId: 'ada', deviceId: 'dev-1', authToken: live.authToken };
  secret(live.serverKey);
  secret(live.authToken);
  for (const [deed, expected] of Object.entries(misdeeds)) {
    // Only what hangs is given little time; what does answer has the whole of it on a busy machine.
    const timeoutMs = expected.kind === 'timeout' ? 200 : 20_000;
    test(`a server that does: ${deed}`, () =>
      rejects(
        () =>
          createSession(
            { ...open, endpoint: `${live.wicked}/${deed}`, retry: false, timeoutMs },
            request,
          ),
        expected,
      ));
  }
  for (const status of [301, 302, 303, 307, 308]) {
    test(`a redirect with ${status} is not followed`, async () => {
      const count = async () => (await (await fetch(`${live.wicked}/count`)).json()).landed;
      const before = await count();
      await rejects(
        () =>
          createSession(
            { ...open, endpoint: `${live.wicked}/redirect/${status}`, retry: quick },
            request,
          ),
        {
          kind: 'invalidResponse',
          attempts: 1,
          retryable: false,
        },
      );
      await rejects(
        () => verifySession({ endpoint: `${live.wicked}/redirect/${status}`, retry: quick }, 'at'),
        {
          kind: 'invalidResponse',
          attempts: 1,
        },
      );
      equal(await count(), before, 'requests that landed');
    });
  }
  test('nobody listens', () =>
    rejects(() => createSession({ ...open, endpoint: live.nobody, retry: quick }, request), {
      kind: 'network',
      retryable: true,
      attempts: 2,
    }));
  test('an abort under way', async () => {
    const controller = new AbortController();
    const onEvent = ({ type }) => {
      if (type === 'attempt') setTimeout(() => controller.abort(), 0);
    };
    await rejects(
      () =>
        createSession(
          { ...open, endpoint: `${live.wicked}/hang`, onEvent },
          { ...request, signal: controller.signal },
        ),
      {
        kind: 'aborted',
      },
    );
  });
};

// What ends a session or keeps one from beginning, as the emulator answers it: secure mode, keys,
// the ten minutes, the thirty days, devices, bans.
import { equal, secret } from './harness.mjs';
import { resolves, rejects } from './helpers.mjs';
import { started } from './round-trip.mjs';

const MINUTE = 60_000;
const DAY = 86_400_000;
const bad = (reason) => ({ valid: false, reason });

const refusals = (test, lib) => {
  const { createSession } = lib.browser;
  const request = { userId: 'ada', deviceId: 'dev-1' };
  for (const apiVersion of ['v3', 'v4', 'v5']) {
    test(`${apiVersion}: secure mode without an auth token is secureModeRequired`, async () => {
      const { open } = await started(lib);
      await rejects(() => createSession({ ...open, apiVersion }, request), {
        kind: 'secureModeRequired',
        status: 403,
        code: 400300,
        attempts: 1,
      });
    });
    test(`${apiVersion}: an auth token that is wrong, or another user's, is unauthorized`, async () => {
      const { open, mint } = await started(lib);
      await rejects(
        () => createSession({ ...open, apiVersion }, { ...request, authToken: 'not-a-token' }),
        {
          kind: 'unauthorized',
          status: 401,
          code: 400100,
        },
      );
      const authToken = await mint('eve');
      await rejects(() => createSession({ ...open, apiVersion }, { ...request, authToken }), {
        kind: 'unauthorized',
        status: 401,
        code: 400100,
      });
    });
  }
  test('an API key that the service does not know is unauthorized', async () => {
    const { open, mint } = await started(lib);
    const authToken = await mint('ada');
    await rejects(
      () => createSession({ ...open, apiKey: 'not-a-key' }, { ...request, authToken }),
      { kind: 'unauthorized', status: 401 },
    );
  });
  test('an auth token is good for ten minutes, more than once, and then no more', async () => {
    const { service, open, mint } = await started(lib);
    const authToken = await mint('ada');
    service.clock.advance(10 * MINUTE - 1);
    await resolves(() => createSession(open, { ...request, authToken }));
    await resolves(() => createSession(open, { ...request, authToken }));
    service.clock.advance(2);
    await rejects(() => createSession(open, { ...request, authToken }), {
      kind: 'unauthorized',
      status: 401,
      code: 400100,
    });
  });
  test('an access token is good for thirty days, and then no more', async () => {
    const { service, signIn, verify } = await started(lib);
    const { accessToken, expiresAt } = await signIn('ada');
    equal(expiresAt.getTime(), service.clock.now() + 30 * DAY, 'expiresAt');
    service.clock.advance(30 * DAY - 1);
    equal(await verify(accessToken), { valid: true }, 'before');
    service.clock.advance(2);
    equal(await verify(accessToken), bad('unauthorized'), 'after');
    await rejects(
      () => lib.browser.revokeSession({ region: 'eu', fetch: service.fetch }, accessToken),
      {
        kind: 'unauthorized',
        operation: 'revokeSession',
      },
    );
  });
  test('a new session of a device ends the one before, of whichever user; another device keeps its own', async () => {
    const { signIn, verify } = await started(lib);
    const first = await signIn('ada', { deviceId: 'shared' });
    const other = await signIn('ada', { deviceId: 'other' });
    const second = await signIn('grace', { deviceId: 'shared' });
    equal(await verify(first.accessToken), bad('unauthorized'), 'verified: verify');
    equal(await verify(second.accessToken), { valid: true }, 'verified: verify');
    equal(await verify(other.accessToken), { valid: true }, 'verified: verify');
  });
  test('a banned user is banned, wherever it shows, and comes back after', async () => {
    const { service, open, mint, signIn, verify } = await started(lib);
    const { accessToken } = await signIn('ada');
    service.banUser('ada');
    equal(await verify(accessToken), bad('banned'), 'verified');
    const authToken = await mint('ada');
    await rejects(() => createSession(open, { ...request, authToken }), { kind: 'banned' });
    service.unbanUser('ada');
    await signIn('ada');
  });
  test('a deleted user has no session', async () => {
    const { service, open, mint, signIn, verify } = await started(lib);
    const { accessToken } = await signIn('ada');
    const authToken = await mint('ada');
    service.deleteUser('ada');
    equal((await verify(accessToken)).valid, false, 'verified');
    await rejects(() => createSession(open, { ...request, authToken }), {
      kind: ['notFound', 'unauthorized'],
    });
  });
  test('secure mode can be switched under way', async () => {
    const { service, open } = await started(lib, { secureMode: false });
    await resolves(() => createSession(open, request));
    service.setSecureMode(true);
    await rejects(() => createSession(open, request), { kind: 'secureModeRequired' });
  });
};

const edgeCalls = (test, lib) => {
  const { createAuthToken, exchangeSession, verifySession } = lib.edge;
  test('edge: a wrong server key is unauthorized', async () => {
    const { open } = await started(lib);
    for (const apiVersion of ['v3', 'v4']) {
      await rejects(
        () =>
          createAuthToken(
            { region: 'eu', serverKey: 'not-a-key', fetch: open.fetch, apiVersion },
            { userId: 'ada' },
          ),
        {
          kind: 'unauthorized',
          status: 401,
          operation: 'createAuthToken',
        },
      );
    }
  });
  test('edge: no auth token while secure mode is off', async () => {
    const { service, open } = await started(lib, { secureMode: false });
    for (const apiVersion of ['v3', 'v4']) {
      await rejects(
        () =>
          createAuthToken(
            { region: 'eu', serverKey: service.serverKey, fetch: open.fetch, apiVersion },
            { userId: 'ada' },
          ),
        { kind: 'forbidden', code: 400300 },
      );
    }
  });
  test('edge: auth tokens of both versions are redeemed by a browser', async () => {
    const { mint, signIn } = await started(lib);
    for (const version of ['v3', 'v4'])
      equal(
        (await signIn('é&=?', { authToken: await mint('é&=?', version) })).userId,
        'é&=?',
        version,
      );
  });
  for (const sessionApiVersion of [undefined, 'v3', 'v4', 'v5']) {
    for (const apiVersion of [undefined, 'v3', 'v4']) {
      test(`edge exchangeSession: token ${apiVersion ?? 'by default'}, session ${sessionApiVersion ?? 'by default'}`, async () => {
        const { service, open } = await started(lib);
        const options = { ...open, serverKey: service.serverKey, apiVersion, sessionApiVersion };
        const session = await resolves(() =>
          exchangeSession(options, {
            userId: 'ada',
            deviceId: 'dev-1',
            displayName: 'Ada',
            deviceInfo: { kind: 'node' },
          }),
        );
        secret(session.accessToken);
        equal(session.userId, 'ada', 'session: userId');
        equal(session.deviceId, 'dev-1', 'session: deviceId');
        equal(session.user.displayName, 'Ada', 'session: displayName');
        equal(
          await resolves(() =>
            verifySession({ region: 'eu', fetch: open.fetch }, session.accessToken),
          ),
          { valid: true },
          'verified',
        );
        equal(
          service.requests.slice(0, 2).map(({ method, path }) => `${method} ${path}`),
          [
            `${apiVersion === 'v3' ? 'GET' : 'POST'} /api/${apiVersion ?? 'v4'}/authentication/token`,
            `POST /api/${sessionApiVersion ?? 'v5'}/sessions`,
          ],
          'requests',
        );
      });
    }
  }
  test('edge exchangeSession: a banned user, a wrong key, a wrong server key', async () => {
    const { service, open, signIn } = await started(lib);
    const options = { ...open, serverKey: service.serverKey };
    const request = { userId: 'ada', deviceId: 'dev-1' };
    await signIn('ada');
    await rejects(() => exchangeSession({ ...options, serverKey: 'not-a-key' }, request), {
      kind: 'unauthorized',
    });
    await rejects(() => exchangeSession({ ...options, apiKey: 'not-a-key' }, request), {
      kind: 'unauthorized',
    });
    service.banUser('ada');
    await rejects(() => exchangeSession(options, request), { kind: 'banned' });
  });
};

export default ({ test, lib }) => {
  refusals(test, lib);
  if (lib.edge) edgeCalls(test, lib);
};

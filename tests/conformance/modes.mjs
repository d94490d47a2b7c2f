// Tests when the emulator refuses or ends a session: secure mode, keys, expiry, devices and bans.
// Also tests the edge calls that mint an auth token and exchange it for a session.
import { equal, ok, registerSecret } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const createInvalidResult = (reason) => ({ valid: false, reason });

const testSessions = (test, lib) => {
  const { createSession } = lib.browser;
  const request = { userId: 'ada', deviceId: 'dev-1' };
  for (const apiVersion of ['v3', 'v4', 'v5']) {
    test(`${apiVersion}: createSession requires an auth token in secure mode`, async () => {
      const { clientOptions } = await startEmulator(lib);
      await rejects(() => createSession({ ...clientOptions, apiVersion }, request), {
        kind: 'secureModeRequired',
        status: 403,
        code: 400300,
        attempts: 1,
      });
    });
    test(`${apiVersion}: createSession rejects an invalid or foreign auth token`, async () => {
      const { clientOptions, mint } = await startEmulator(lib);
      await rejects(
        () =>
          createSession({ ...clientOptions, apiVersion }, { ...request, authToken: 'not-a-token' }),
        {
          kind: 'unauthorized',
          status: 401,
          code: 400100,
        },
      );
      const authToken = await mint('eve');
      await rejects(
        () => createSession({ ...clientOptions, apiVersion }, { ...request, authToken }),
        {
          kind: 'unauthorized',
          status: 401,
          code: 400100,
        },
      );
    });
  }
  test('createSession rejects an unknown API key', async () => {
    const { clientOptions, mint } = await startEmulator(lib);
    const authToken = await mint('ada');
    await rejects(
      () => createSession({ ...clientOptions, apiKey: 'not-a-key' }, { ...request, authToken }),
      { kind: 'unauthorized', status: 401 },
    );
  });
  test('an auth token can be redeemed more than once, but only for ten minutes', async () => {
    const { service, clientOptions, mint } = await startEmulator(lib);
    const authToken = await mint('ada');
    service.clock.advance(10 * MINUTE_MS - 1);
    await resolves(() => createSession(clientOptions, { ...request, authToken }));
    await resolves(() => createSession(clientOptions, { ...request, authToken }));
    service.clock.advance(2);
    await rejects(() => createSession(clientOptions, { ...request, authToken }), {
      kind: 'unauthorized',
      status: 401,
      code: 400100,
    });
  });
  test('an access token is valid for thirty days', async () => {
    const { service, signIn, verify } = await startEmulator(lib);
    const { accessToken, expiresAt } = await signIn('ada');
    equal(expiresAt.getTime(), service.clock.now() + 30 * DAY_MS, 'expiresAt');
    service.clock.advance(30 * DAY_MS - 1);
    equal(await verify(accessToken), { valid: true }, 'verification before the expiry');
    service.clock.advance(2);
    equal(
      await verify(accessToken),
      createInvalidResult('unauthorized'),
      'verification after the expiry',
    );
    await rejects(
      () => lib.browser.revokeSession({ region: 'eu', fetch: service.fetch }, accessToken),
      {
        kind: 'unauthorized',
        operation: 'revokeSession',
      },
    );
  });
  test('a new session of a device ends only the earlier session of that device', async () => {
    const { signIn, verify } = await startEmulator(lib);
    const first = await signIn('ada', { deviceId: 'shared' });
    const other = await signIn('ada', { deviceId: 'other' });
    const second = await signIn('grace', { deviceId: 'shared' });
    equal(
      await verify(first.accessToken),
      createInvalidResult('unauthorized'),
      'first session of the device',
    );
    equal(await verify(second.accessToken), { valid: true }, 'second session of the device');
    equal(await verify(other.accessToken), { valid: true }, 'session of the other device');
  });
  test('a banned user can neither use nor create a session until unbanned', async () => {
    const { service, clientOptions, mint, signIn, verify } = await startEmulator(lib);
    const { accessToken } = await signIn('ada');
    service.banUser('ada');
    equal(await verify(accessToken), createInvalidResult('banned'), 'verification');
    const authToken = await mint('ada');
    await rejects(() => createSession(clientOptions, { ...request, authToken }), {
      kind: 'banned',
    });
    service.unbanUser('ada');
    await signIn('ada');
  });
  test('a deleted user loses the session and cannot create another', async () => {
    const { service, clientOptions, mint, signIn, verify } = await startEmulator(lib);
    const { accessToken } = await signIn('ada');
    const authToken = await mint('ada');
    service.deleteUser('ada');
    ok(!(await verify(accessToken)).valid, 'the token of a deleted user is valid');
    await rejects(() => createSession(clientOptions, { ...request, authToken }), {
      kind: ['notFound', 'unauthorized'],
    });
  });
  test('secure mode can be switched on at run time', async () => {
    const { service, clientOptions } = await startEmulator(lib, { secureMode: false });
    await resolves(() => createSession(clientOptions, request));
    service.setSecureMode(true);
    await rejects(() => createSession(clientOptions, request), { kind: 'secureModeRequired' });
  });
};

const testEdgeCalls = (test, lib) => {
  const { createAuthToken, exchangeSession, verifySession } = lib.edge;
  test('edge: createAuthToken rejects a wrong server key', async () => {
    const { clientOptions } = await startEmulator(lib);
    for (const apiVersion of ['v3', 'v4']) {
      await rejects(
        () =>
          createAuthToken(
            { region: 'eu', serverKey: 'not-a-key', fetch: clientOptions.fetch, apiVersion },
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
  test('edge: minting an auth token is forbidden while secure mode is off', async () => {
    const { service, clientOptions } = await startEmulator(lib, { secureMode: false });
    for (const apiVersion of ['v3', 'v4']) {
      await rejects(
        () =>
          createAuthToken(
            { region: 'eu', serverKey: service.serverKey, fetch: clientOptions.fetch, apiVersion },
            { userId: 'ada' },
          ),
        { kind: 'forbidden', code: 400300 },
      );
    }
  });
  test('edge: the browser entry can redeem auth tokens of both API versions', async () => {
    const { mint, signIn } = await startEmulator(lib);
    for (const version of ['v3', 'v4'])
      equal(
        (await signIn('é&=?', { authToken: await mint('é&=?', version) })).userId,
        'é&=?',
        `userId after redeeming a ${version} auth token`,
      );
  });
  for (const sessionApiVersion of [undefined, 'v3', 'v4', 'v5']) {
    for (const apiVersion of [undefined, 'v3', 'v4']) {
      test(
        `edge: exchangeSession works with apiVersion ${apiVersion} and ` +
          `sessionApiVersion ${sessionApiVersion}`,
        async () => {
          const { service, clientOptions } = await startEmulator(lib);
          const options = {
            ...clientOptions,
            serverKey: service.serverKey,
            apiVersion,
            sessionApiVersion,
          };
          const session = await resolves(() =>
            exchangeSession(options, {
              userId: 'ada',
              deviceId: 'dev-1',
              displayName: 'Ada',
              deviceInfo: { kind: 'node' },
            }),
          );
          registerSecret(session.accessToken);
          equal(session.userId, 'ada', 'userId');
          equal(session.deviceId, 'dev-1', 'deviceId');
          equal(session.user.displayName, 'Ada', 'displayName');
          equal(
            await resolves(() =>
              verifySession({ region: 'eu', fetch: clientOptions.fetch }, session.accessToken),
            ),
            { valid: true },
            'verification',
          );
          equal(
            service.requests.slice(0, 2).map(({ method, path }) => `${method} ${path}`),
            [
              `${apiVersion === 'v3' ? 'GET' : 'POST'} ` +
                `/api/${apiVersion ?? 'v4'}/authentication/token`,
              `POST /api/${sessionApiVersion ?? 'v5'}/sessions`,
            ],
            'requests',
          );
        },
      );
    }
  }
  test('edge: exchangeSession rejects wrong keys and a banned user', async () => {
    const { service, clientOptions, signIn } = await startEmulator(lib);
    const options = { ...clientOptions, serverKey: service.serverKey };
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
  testSessions(test, lib);
  if (lib.edge) testEdgeCalls(test, lib);
};

// Tests the auth routes against the emulator: the response of each route, and the events.
import { equal, fail, match, ok, registerSecret } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';
import {
  APP_ORIGIN,
  PAGE_ORIGIN,
  VISITOR_SECRET,
  assertProblem,
  assertSuccess,
  openHandler,
} from './handler-helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const testRoutes = (test, lib) => {
  const { createSession } = lib.edge;
  test('/token responds with an auth token that only the signed-in user can redeem', async () => {
    const { clientOptions, postJson, service } = await openHandler(lib);
    const { authToken, expiresAt, ...rest } = assertSuccess(
      await postJson('/auth/token', { deviceId: 'dev-1' }),
    );
    equal(rest, {}, 'other fields');
    ok(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000) < 60_000, `expires at ${expiresAt}`);
    ok(expiresAt.endsWith('Z'), `${expiresAt} is not in UTC`);
    equal(
      (
        await resolves(() =>
          createSession(clientOptions, { userId: 'ada', deviceId: 'dev-1', authToken }),
        )
      ).userId,
      'ada',
      'userId',
    );
    await rejects(
      () => createSession(clientOptions, { userId: 'eve', deviceId: 'dev-1', authToken }),
      {
        kind: 'unauthorized',
      },
    );
    equal(service.requests.length, 3, 'requests');
  });
  test('/token accepts a request without a body', async () => {
    const { sendRequest } = await openHandler(lib);
    assertSuccess(await sendRequest('/auth/token'));
    assertSuccess(await sendRequest('/auth/token', { body: '' }));
  });
  test('/session responds with the whole session, including its tokens', async () => {
    const { postJson, verify, service } = await openHandler(lib, {
      authenticate: async () => ({ userId: 'ada', displayName: 'Ada' }),
    });
    const session = assertSuccess(
      await postJson('/auth/session', {
        deviceId: 'dev-1',
        deviceInfo: { kind: 'web', model: 'm' },
      }),
    );
    registerSecret(session.accessToken);
    equal(session.userId, 'ada', 'user');
    equal(session.deviceId, 'dev-1', 'device');
    equal(session.user.displayName, 'Ada', 'name');
    for (const date of [session.issuedAt, session.expiresAt]) match(date, /^\d{4}-.*Z$/, 'date');
    equal(await verify(session.accessToken), { valid: true }, 'verification');
    equal(service.requests.at(-2).body.deviceInfo, { kind: 'web', model: 'm' }, 'deviceInfo');
  });
  test('/visitor responds with a signature without calling authenticate', async () => {
    const authenticate = async () => fail('authenticate was called');
    const { postJson, service } = await openHandler(lib, { authenticate });
    const { authSignature, authSignatureExpiresAt, ...rest } = assertSuccess(
      await postJson('/auth/visitor', { deviceId: 'dev-1' }, { headers: { cookie: undefined } }),
    );
    equal(rest, {}, 'other fields');
    const now = Date.parse(authSignatureExpiresAt) - 3_600_000;
    ok(Math.abs(now - Date.now()) < 60_000, `expires at ${authSignatureExpiresAt}`);
    equal(
      authSignature,
      (await lib.edge.signVisitor({ visitorSecret: VISITOR_SECRET }, { deviceId: 'dev-1', now }))
        .authSignature,
      'signature',
    );
    equal(service.requests.length, 0, 'requests');
  });
  test('a route whose apiKey or visitorSecret is not set responds with 404', async () => {
    const { postJson } = await openHandler(lib, { apiKey: undefined, visitorSecret: undefined });
    assertSuccess(await postJson('/auth/token', {}));
    assertProblem(await postJson('/auth/session', { deviceId: 'd' }), 404, 'notFound');
    assertProblem(await postJson('/auth/visitor', { deviceId: 'd' }), 404, 'notFound');
  });
  test('the paths of the routes start with the basePath option', async () => {
    for (const basePath of ['', '/api/v1/social-plus', '/a.b~c_d']) {
      const { postJson } = await openHandler(lib, { basePath });
      assertSuccess(await postJson(`${basePath}/token`, {}));
      assertProblem(await postJson('/auth/token', {}), 404, 'notFound');
    }
  });
  test('a query is ignored', async () =>
    assertSuccess(await (await openHandler(lib)).postJson('/auth/token?userId=eve&x=%2f..', {})));
  test('an option that is a function is called with the env of each request', async () => {
    const services = [await startEmulator(lib), await startEmulator(lib)];
    const calls = [];
    const createOption = (name, get) => (env) => (
      calls.push(`${name} ${env.n}`),
      Promise.resolve(get(services[env.n].service))
    );
    const { postJson } = await openHandler(lib, {
      region: undefined,
      endpoint: createOption('endpoint', () => new URL('https://proxy.example')),
      serverKey: createOption('serverKey', (service) => service.serverKey),
      apiKey: createOption('apiKey', (service) => service.apiKey),
      visitorSecret: createOption('visitorSecret', () => VISITOR_SECRET),
      allowedOrigins: createOption('allowedOrigins', () => [PAGE_ORIGIN]),
      fetch: createOption('fetch', (service) => service.fetch),
      authenticate: async (_, env) => (
        calls.push(`authenticate ${env.n}`),
        { userId: `user-${env.n}` }
      ),
    });
    for (const n of [0, 1]) {
      equal(
        assertSuccess(await postJson('/auth/session', { deviceId: 'd' }, { env: { n } })).userId,
        `user-${n}`,
        'userId',
      );
      assertSuccess(await postJson('/auth/visitor', { deviceId: 'd' }, { env: { n } }));
      equal(
        services[n].service.sessions().map(({ userId }) => userId),
        [`user-${n}`],
        'users with a session',
      );
    }
    for (const name of [
      'endpoint',
      'serverKey',
      'apiKey',
      'visitorSecret',
      'allowedOrigins',
      'fetch',
      'authenticate',
    ]) {
      for (const n of [0, 1])
        ok(calls.includes(`${name} ${n}`), `${name} was not called with env ${n}`);
    }
  });
  test('without an env, the functions receive an empty object', async () => {
    const { postJson } = await openHandler(lib, {
      authenticate: async (_, env) => ({ userId: JSON.stringify(env) }),
    });
    equal(assertSuccess(await postJson('/auth/session', { deviceId: 'd' })).userId, '{}', 'env');
  });
  test('region and endpoint can both be functions if only one returns a value', async () => {
    const { postJson } = await openHandler(lib, {
      region: () => undefined,
      endpoint: () => 'https://proxy.example',
    });
    assertSuccess(await postJson('/auth/token', {}));
  });
};

const testEvents = (test, lib) => {
  const getCorrelationId = async (headers) => {
    const { postJson, events } = await openHandler(lib);
    const response = await postJson('/auth/token', {}, { headers });
    assertSuccess(response);
    ok(events.length >= 3, `${events.length} events`);
    ok(
      events.every(({ correlationId }) => correlationId === response.headers['x-correlation-id']),
      'an event has another correlation id',
    );
    return response.headers['x-correlation-id'];
  };
  test('the response has the correlation id of the request if that id is valid', async () => {
    equal(
      await getCorrelationId({ 'x-correlation-id': 'Abc-123_4.5' }),
      'Abc-123_4.5',
      'x-correlation-id',
    );
    equal(await getCorrelationId({ 'x-request-id': 'r1' }), 'r1', 'x-request-id');
    equal(
      await getCorrelationId({ 'x-correlation-id': 'c1', 'x-request-id': 'r1' }),
      'c1',
      'both headers',
    );
    equal(
      await getCorrelationId({ 'x-correlation-id': 'x'.repeat(64) }),
      'x'.repeat(64),
      'id of 64 characters',
    );
    for (const id of ['', 'x'.repeat(65), 'a b', '<b>', 'a,b', 'é', '{"a":1}', 'a/b'])
      match(
        await getCorrelationId({ 'x-correlation-id': id }),
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        `correlation id for the invalid ${JSON.stringify(id)}`,
      );
  });
  test('each request gets its own correlation id', async () =>
    ok(
      (await getCorrelationId({})) !== (await getCorrelationId({})),
      'two requests have the same correlation id',
    ));
  test('onEvent receives events for each call and for the response', async () => {
    const { postJson, events } = await openHandler(lib);
    assertSuccess(await postJson('/auth/token', {}));
    equal(
      events.map(({ type, operation, status }) => [type, operation, status]),
      [
        ['attempt', 'createAuthToken', undefined],
        ['response', 'createAuthToken', 200],
        ['response', 'createAuthHandler', 200],
      ],
      'events',
    );
    events.splice(0);
    assertProblem(
      await postJson('/auth/token', {}, { headers: { cookie: undefined } }),
      401,
      'unauthorized',
    );
    equal(
      events.map(({ type, status, detail }) => [type, status, detail]),
      [['error', 401, 'unauthorized: Sign in to the app first.']],
      'events',
    );
    ok(Number.isFinite(events[0].at), 'the event lacks its time');
    ok(events[0].durationMs >= 0, `duration: ${events[0].durationMs} ms`);
  });
  test('the event of a response names the route, the method, the user and the origin', async () => {
    const { postJson, sendRequest, events } = await openHandler(lib);
    const getLast = () => {
      const { route, method, userId, origin } = events.at(-1);
      return [route, method, userId, origin];
    };
    await postJson('/auth/token', {});
    equal(getLast(), ['token', 'POST', 'ada', APP_ORIGIN], 'event of a token');
    await postJson('/auth/session', {}, { headers: { origin: PAGE_ORIGIN } });
    equal(getLast(), ['session', 'POST', 'ada', PAGE_ORIGIN], 'event of a wrong body');
    await postJson('/auth/visitor', { deviceId: 'd' });
    equal(getLast(), ['visitor', 'POST', undefined, APP_ORIGIN], 'event of a visitor');
    await postJson('/auth/token', {}, { headers: { cookie: undefined } });
    equal(getLast(), ['token', 'POST', undefined, APP_ORIGIN], 'event without a user');
    await postJson('/auth/token', {}, { headers: { origin: 'null' } });
    equal(getLast(), ['token', 'POST', undefined, 'null'], 'event of the origin null');
    await sendRequest('/auth/nothing?secret=x', { method: 'DELETE' });
    equal(getLast(), [undefined, 'DELETE', undefined, APP_ORIGIN], 'event of an unknown path');
    for (const origin of ['https://é.example', `https://${'x'.repeat(250)}`, 'a b']) {
      await postJson('/auth/token', {}, { headers: { origin } });
      equal(getLast(), ['token', 'POST', undefined, undefined], 'event of an odd origin');
    }
  });
  test('an onEvent that throws does not affect the response', async () => {
    const onEvent = () => {
      throw new Error(CANARY);
    };
    const { postJson } = await openHandler(lib, { onEvent });
    assertSuccess(await postJson('/auth/session', { deviceId: 'd' }));
    assertProblem(await postJson('/auth/session', {}), 400, 'invalidRequest');
  });
  test('onEvent, but not the response, says that the service refused the server key', async () => {
    const { postJson, events } = await openHandler(lib, {
      serverKey: registerSecret('not-the-server-key'),
    });
    assertProblem(await postJson('/auth/token', {}), 502, 'server');
    match(events.at(-1).detail, /^unauthorized: .*server key/, 'detail of the event');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testRoutes(test, lib);
  testEvents(test, lib);
};

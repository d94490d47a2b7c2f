// The auth routes end to end against the emulator: the response of each route, and the events.
import { equal, fail, match, ok, secret } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';
import {
  PAGE,
  VISITOR_SECRET,
  assertProblem,
  assertSuccess,
  openHandler,
} from './handler-helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const routes = (test, lib) => {
  const { createSession } = lib.edge;
  test('/token responds with an auth token that only the signed-in user can redeem', async () => {
    const { open, json, service } = await openHandler(lib);
    const { authToken, expiresAt, ...rest } = assertSuccess(
      await json('/auth/token', { deviceId: 'dev-1' }),
    );
    equal(rest, {}, 'other fields');
    ok(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000) < 60_000, `expires at ${expiresAt}`);
    ok(expiresAt.endsWith('Z'), `${expiresAt} is not in UTC`);
    equal(
      (await resolves(() => createSession(open, { userId: 'ada', deviceId: 'dev-1', authToken })))
        .userId,
      'ada',
      'userId',
    );
    await rejects(() => createSession(open, { userId: 'eve', deviceId: 'dev-1', authToken }), {
      kind: 'unauthorized',
    });
    equal(service.requests.length, 3, 'requests');
  });
  test('/token accepts a request without a body', async () => {
    const { ask } = await openHandler(lib);
    assertSuccess(await ask('/auth/token'));
    assertSuccess(await ask('/auth/token', { headers: { 'content-type': undefined } }));
    assertSuccess(await ask('/auth/token', { body: '' }));
  });
  test('/session responds with the whole session, including its tokens', async () => {
    const { json, verify, service } = await openHandler(lib, {
      authenticate: async () => ({ userId: 'ada', displayName: 'Ada' }),
    });
    const session = assertSuccess(
      await json('/auth/session', { deviceId: 'dev-1', deviceInfo: { kind: 'web', model: 'm' } }),
    );
    secret(session.accessToken);
    equal(session.userId, 'ada', 'user');
    equal(session.deviceId, 'dev-1', 'device');
    equal(session.user.displayName, 'Ada', 'name');
    for (const date of [session.issuedAt, session.expiresAt]) match(date, /^\d{4}-.*Z$/, 'date');
    equal(await verify(session.accessToken), { valid: true }, 'verification');
    equal(service.requests.at(-2).body.deviceInfo, { kind: 'web', model: 'm' }, 'deviceInfo');
  });
  test('/visitor responds with a signature without calling authenticate', async () => {
    const authenticate = async () => fail('authenticate was called');
    const { json, service } = await openHandler(lib, { authenticate });
    const { authSignature, authSignatureExpiresAt, ...rest } = assertSuccess(
      await json('/auth/visitor', { deviceId: 'dev-1' }, { headers: { cookie: undefined } }),
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
  test('routes without their secret respond with 404', async () => {
    const { json } = await openHandler(lib, { apiKey: undefined, visitorSecret: undefined });
    assertSuccess(await json('/auth/token', {}));
    assertProblem(await json('/auth/session', { deviceId: 'd' }), 404, 'notFound');
    assertProblem(await json('/auth/visitor', { deviceId: 'd' }), 404, 'notFound');
  });
  test('routes follow the basePath option', async () => {
    for (const basePath of ['', '/api/v1/social-plus', '/a.b~c_d']) {
      const { json } = await openHandler(lib, { basePath });
      assertSuccess(await json(`${basePath}/token`, {}));
      assertProblem(await json('/auth/token', {}), 404, 'notFound');
    }
  });
  test('a query is ignored', async () =>
    assertSuccess(await (await openHandler(lib)).json('/auth/token?userId=eve&x=%2f..', {})));
  test('options that are functions are called for every request with its env', async () => {
    const services = [await startEmulator(lib), await startEmulator(lib)];
    const calls = [];
    const optionOf = (name, get) => (env) => (
      calls.push(`${name} ${env.n}`),
      Promise.resolve(get(services[env.n].service))
    );
    const { json } = await openHandler(lib, {
      region: undefined,
      endpoint: optionOf('endpoint', () => new URL('https://proxy.example')),
      serverKey: optionOf('serverKey', (service) => service.serverKey),
      apiKey: optionOf('apiKey', (service) => service.apiKey),
      visitorSecret: optionOf('visitorSecret', () => VISITOR_SECRET),
      allowedOrigins: optionOf('allowedOrigins', () => [PAGE]),
      fetch: optionOf('fetch', (service) => service.fetch),
      authenticate: async (_, env) => (
        calls.push(`authenticate ${env.n}`),
        { userId: `user-${env.n}` }
      ),
    });
    for (const n of [0, 1]) {
      equal(
        assertSuccess(await json('/auth/session', { deviceId: 'd' }, { env: { n } })).userId,
        `user-${n}`,
        'userId',
      );
      assertSuccess(await json('/auth/visitor', { deviceId: 'd' }, { env: { n } }));
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
      for (const n of [0, 1]) ok(calls.includes(`${name} ${n}`), `${name} was not called`);
    }
  });
  test('without an env the functions receive an empty object', async () => {
    const { json } = await openHandler(lib, {
      authenticate: async (_, env) => ({ userId: JSON.stringify(env) }),
    });
    equal(assertSuccess(await json('/auth/session', { deviceId: 'd' })).userId, '{}', 'env');
  });
  test('region and endpoint can both be functions if only one returns a value', async () => {
    const { json } = await openHandler(lib, {
      region: () => undefined,
      endpoint: () => 'https://proxy.example',
    });
    assertSuccess(await json('/auth/token', {}));
  });
};

const events = (test, lib) => {
  const correlationIdFor = async (headers) => {
    const { json, events } = await openHandler(lib);
    const answer = await json('/auth/token', {}, { headers });
    assertSuccess(answer);
    ok(events.length >= 3, `${events.length} events`);
    ok(
      events.every(({ correlationId }) => correlationId === answer.headers['x-correlation-id']),
      'an event has another correlation id',
    );
    return answer.headers['x-correlation-id'];
  };
  test('a valid correlation id of the request is adopted', async () => {
    equal(
      await correlationIdFor({ 'x-correlation-id': 'Abc-123_4.5' }),
      'Abc-123_4.5',
      'x-correlation-id',
    );
    equal(await correlationIdFor({ 'x-request-id': 'r1' }), 'r1', 'x-request-id');
    equal(await correlationIdFor({ 'x-correlation-id': 'c1', 'x-request-id': 'r1' }), 'c1', 'both');
    equal(
      await correlationIdFor({ 'x-correlation-id': 'x'.repeat(64) }),
      'x'.repeat(64),
      'id of 64 characters',
    );
    for (const id of ['', 'x'.repeat(65), 'a b', '<b>', 'a,b', 'é', '{"a":1}', 'a/b'])
      match(
        await correlationIdFor({ 'x-correlation-id': id }),
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        `instead of ${id}`,
      );
  });
  test('each request gets its own correlation id', async () =>
    ok(
      (await correlationIdFor({})) !== (await correlationIdFor({})),
      'two requests have the same correlation id',
    ));
  test('onEvent receives events for each call and for the response', async () => {
    const { json, events } = await openHandler(lib);
    assertSuccess(await json('/auth/token', {}));
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
      await json('/auth/token', {}, { headers: { cookie: undefined } }),
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
  test('an onEvent that throws does not affect the response', async () => {
    const onEvent = () => {
      throw new Error(CANARY);
    };
    const { json } = await openHandler(lib, { onEvent });
    assertSuccess(await json('/auth/session', { deviceId: 'd' }));
    assertProblem(await json('/auth/session', {}), 400, 'invalidRequest');
  });
  test('onEvent, but not the response, explains why the server key was refused', async () => {
    const { json, events } = await openHandler(lib, { serverKey: secret('not-the-server-key') });
    assertProblem(await json('/auth/token', {}), 502, 'server');
    match(events.at(-1).detail, /^unauthorized: .*server key/, 'detail of the event');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  routes(test, lib);
  events(test, lib);
};

// The auth routes end to end against the emulator: what they answer, who may ask and how often, and
// what the listener is told.
import { equal, fail, match, ok, secret, settled, spills } from './harness.mjs';
import { CANARY, resolves, rejects } from './helpers.mjs';
import { started } from './round-trip.mjs';

export const APP = 'https://app.example';
export const PAGE = 'https://page.example';
export const VISITOR_SECRET = secret('visitor-secret-of-the-routes');

/**
 * A handler in front of an emulator. The app's own sign-in is a cookie that names the user. `ask`
 * sends a request as a page of the app would, and gives what a client sees; nothing that it gives,
 * and no event, may hold a secret of the server.
 */
export const opened = async (lib, options = {}, emulated = {}) => {
  // Not the tokens of the other topics, which are named as secrets there.
  const { service, open, verify } = await started(lib, { seed: undefined, ...emulated });
  const events = [];
  const given = {
    region: 'eu',
    serverKey: service.serverKey,
    apiKey: service.apiKey,
    visitorSecret: VISITOR_SECRET,
    rateLimit: async () => true,
    fetch: () => service.fetch,
    authenticate: async ({ headers }) =>
      headers.get('cookie') ? { userId: headers.get('cookie') } : null,
    allowedOrigins: [PAGE],
    onEvent: (event) => events.push(event),
    ...options,
  };
  const handler = lib.edge.createAuthHandler(given);
  const see = async (response) => {
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    ok(
      !spills(`${text}\n${JSON.stringify(headers)}\n${JSON.stringify(events)}`),
      `a secret is in an answer of ${response.status} or an event`,
    );
    return { status: response.status, headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const ask = async (path, { headers, env, ...init } = {}) => {
    const all = { origin: APP, 'content-type': 'application/json', cookie: 'ada', ...headers };
    const kept = Object.entries(all).filter(([, value]) => value !== undefined);
    const request = new Request(path.startsWith('http') ? path : APP + path, {
      method: 'POST',
      headers: kept,
      ...init,
    });
    const { value, error } = await settled(() => handler(request, env));
    if (error) fail(`the handler rejected: ${error.name}`);
    return see(value);
  };
  return {
    service,
    open,
    verify,
    handler,
    events,
    ask,
    json: (path, body, more) => ask(path, { body: JSON.stringify(body), ...more }),
  };
};

/**
 * A refusal as problem+json of this status and kind, with what every answer has. Returns its body.
 */
export const problem = ({ status, headers, body }, wantedStatus, kind) => {
  equal(status, wantedStatus, 'status');
  equal(body?.kind, kind, `kind (${body?.title})`);
  equal(Object.keys(body).sort(), ['correlationId', 'kind', 'status', 'title', 'type'], 'fields');
  equal(body.type, 'about:blank', 'type');
  equal(body.status, status, 'status');
  equal(typeof body.title, 'string', 'title');
  equal(headers['content-type'], 'application/problem+json', 'content-type');
  always(headers);
  equal(headers['x-correlation-id'], body.correlationId, 'correlation id');
  return body;
};
const always = (headers) => {
  equal(headers['cache-control'], 'no-store', "headers of every answer: headers['cache-control']");
  equal(headers.vary, 'origin', 'headers of every answer: vary');
  equal(
    headers['x-content-type-options'],
    'nosniff',
    "headers of every answer: headers['x-content-type-options']",
  );
  match(headers['x-correlation-id'], /^[\w.-]{1,64}$/, 'correlation id');
};
/** An answer that is fine, with what every answer has. Returns its body. */
export const succeeds = ({ status, headers, body }) => {
  equal(status, 200, `status (${body?.title})`);
  equal(headers['content-type'], 'application/json', 'content-type');
  always(headers);
  return body;
};

const routes = (test, lib) => {
  const { createSession } = lib.edge;
  test('/token gives an auth token that the user can redeem, and nobody else', async () => {
    const { open, json, service } = await opened(lib);
    const { authToken, expiresAt, ...rest } = succeeds(
      await json('/auth/token', { deviceId: 'dev-1' }),
    );
    equal(rest, {}, 'other fields');
    ok(
      Math.abs(Date.parse(expiresAt) - Date.now() - 600_000) < 60_000 && expiresAt.endsWith('Z'),
      `expires at ${expiresAt}`,
    );
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
  test('/token needs no body', async () => {
    const { ask } = await opened(lib);
    succeeds(await ask('/auth/token'));
    succeeds(await ask('/auth/token', { headers: { 'content-type': undefined } }));
    succeeds(await ask('/auth/token', { body: '' }));
  });
  test('/session gives the whole session, tokens included', async () => {
    const { json, verify, service } = await opened(lib, {
      authenticate: async () => ({ userId: 'ada', displayName: 'Ada' }),
    });
    const session = succeeds(
      await json('/auth/session', { deviceId: 'dev-1', deviceInfo: { kind: 'web', model: 'm' } }),
    );
    secret(session.accessToken);
    equal(session.userId, 'ada', 'user');
    equal(session.deviceId, 'dev-1', 'device');
    equal(session.user.displayName, 'Ada', 'name');
    for (const date of [session.issuedAt, session.expiresAt]) match(date, /^\d{4}-.*Z$/, 'date');
    equal(await verify(session.accessToken), { valid: true }, 'verified');
    equal(service.requests.at(-2).body.deviceInfo, { kind: 'web', model: 'm' }, 'deviceInfo');
  });
  test('/visitor signs, and asks nobody who it is', async () => {
    const authenticate = async () => fail('authenticate was called');
    const { json, service } = await opened(lib, { authenticate });
    const { authSignature, authSignatureExpiresAt, ...rest } = succeeds(
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
  test('routes that are not set up are not there', async () => {
    const { json } = await opened(lib, { apiKey: undefined, visitorSecret: undefined });
    succeeds(await json('/auth/token', {}));
    problem(await json('/auth/session', { deviceId: 'd' }), 404, 'notFound');
    problem(await json('/auth/visitor', { deviceId: 'd' }), 404, 'notFound');
  });
  test('other base paths', async () => {
    for (const basePath of ['', '/api/v1/social-plus', '/a.b~c_d']) {
      const { json } = await opened(lib, { basePath });
      succeeds(await json(`${basePath}/token`, {}));
      problem(await json('/auth/token', {}), 404, 'notFound');
    }
  });
  test('a query changes nothing', async () =>
    succeeds(await (await opened(lib)).json('/auth/token?userId=eve&x=%2f..', {})));
  test('every option that may be a function is asked at every request, with the env of that request', async () => {
    const services = [await started(lib), await started(lib)];
    const seen = [];
    const of = (name, get) => (env) => (
      seen.push(`${name} ${env.n}`),
      Promise.resolve(get(services[env.n].service))
    );
    const { json } = await opened(lib, {
      region: undefined,
      endpoint: of('endpoint', () => new URL('https://proxy.example')),
      serverKey: of('serverKey', (service) => service.serverKey),
      apiKey: of('apiKey', (service) => service.apiKey),
      visitorSecret: of('visitorSecret', () => VISITOR_SECRET),
      allowedOrigins: of('allowedOrigins', () => [PAGE]),
      fetch: of('fetch', (service) => service.fetch),
      authenticate: async (_, env) => (
        seen.push(`authenticate ${env.n}`),
        { userId: `user-${env.n}` }
      ),
    });
    for (const n of [0, 1]) {
      equal(
        succeeds(await json('/auth/session', { deviceId: 'd' }, { env: { n } })).userId,
        `user-${n}`,
        'userId',
      );
      succeeds(await json('/auth/visitor', { deviceId: 'd' }, { env: { n } }));
      equal(
        services[n].service.sessions().map(({ userId }) => userId),
        [`user-${n}`],
        'sessions of its service',
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
      ok(seen.includes(`${name} 0`) && seen.includes(`${name} 1`), `${name} was not asked`);
    }
  });
  test('without an env the functions get an empty object', async () => {
    const { json } = await opened(lib, {
      authenticate: async (_, env) => ({ userId: JSON.stringify(env) }),
    });
    equal(succeeds(await json('/auth/session', { deviceId: 'd' })).userId, '{}', 'env');
  });
  test('region and endpoint may both be functions, of which one gives none', async () => {
    const { json } = await opened(lib, {
      region: () => undefined,
      endpoint: () => 'https://proxy.example',
    });
    succeeds(await json('/auth/token', {}));
  });
};

const origins = (test, lib) => {
  const headers = (site, origin) => ({ headers: { origin, 'sec-fetch-site': site } });
  const passing = {
    'a page of the same origin': headers('same-origin', APP),
    'a page of the same origin whose Origin a referrer policy has hidden': headers(
      'same-origin',
      'null',
    ),
    'a page of the same origin, in a browser that sends no Origin': headers(
      'same-origin',
      undefined,
    ),
    'a page of the same origin, in a browser that does not know Sec-Fetch-Site': headers(
      undefined,
      APP,
    ),
    'an allowed origin': headers('cross-site', PAGE),
    'an allowed origin of the same site': headers('same-site', PAGE),
    'an allowed origin, in a browser that does not know Sec-Fetch-Site': headers(undefined, PAGE),
  };
  for (const [what, init] of Object.entries(passing)) {
    test(`${what} may ask`, async () => {
      const answer = await (await opened(lib)).json('/auth/token', {}, init);
      succeeds(answer);
      const named = init.headers.origin === PAGE;
      equal(
        answer.headers['access-control-allow-origin'],
        named ? PAGE : undefined,
        'allow-origin',
      );
      equal(
        answer.headers['access-control-allow-credentials'],
        named ? 'true' : undefined,
        'allow-credentials',
      );
      equal(
        answer.headers['access-control-expose-headers'],
        named ? 'retry-after, x-correlation-id' : undefined,
        'expose-headers',
      );
    });
  }
  test('refusals can be read by pages of allowed origins too', async () => {
    const { json } = await opened(lib);
    for (const [path, body, more, status, kind] of [
      ['/auth/nothing', {}, {}, 404, 'notFound'],
      ['/auth/session', {}, {}, 400, 'invalidRequest'],
      ['/auth/token', {}, { cookie: undefined }, 401, 'unauthorized'],
    ]) {
      const answer = await json(path, body, { headers: { origin: PAGE, ...more } });
      problem(answer, status, kind);
      equal(answer.headers['access-control-allow-origin'], PAGE, 'allow-origin');
    }
  });
  test('a preflight of an allowed origin', async () => {
    const { ask, service } = await opened(lib, {
      authenticate: async () => fail('authenticate was called'),
    });
    const { status, headers, body } = await ask('/auth/token', {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        cookie: undefined,
        'content-type': undefined,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-csrf',
      },
    });
    equal(status, 204, 'status');
    equal(body, undefined, 'body');
    equal(service.requests.length, 0, 'requests');
    always(headers);
    equal(
      ['origin', 'credentials', 'methods', 'headers'].map(
        (name) => headers[`access-control-allow-${name}`],
      ),
      [PAGE, 'true', 'POST', 'content-type,x-csrf'],
      'what is allowed',
    );
    ok(headers['access-control-max-age'] > 0, 'max-age');
  });
  test('a preflight of another origin', async () => {
    const answer = await (
      await opened(lib)
    ).ask('/auth/token', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    problem(answer, 403, 'forbidden');
    ok(
      !Object.keys(answer.headers).some((name) => name.startsWith('access-control')),
      'a CORS header',
    );
  });
  test('what sends neither Origin nor Sec-Fetch-Site may ask only where that is allowed', async () => {
    const init = headers(undefined, undefined);
    problem(await (await opened(lib)).json('/auth/token', {}, init), 403, 'forbidden');
    succeeds(await (await opened(lib, { allowNonBrowser: true })).json('/auth/token', {}, init));
    problem(
      await (
        await opened(lib, { allowNonBrowser: true })
      ).json('/auth/token', {}, headers('cross-site', 'https://evil.example')),
      403,
      'forbidden',
    );
    problem(
      await (
        await opened(lib, { allowNonBrowser: true })
      ).json('/auth/token', {}, headers('none', undefined)),
      403,
      'forbidden',
    );
  });
  test('origins of apps may be allowed', async () => {
    for (const origin of [
      'capacitor://localhost',
      'http://localhost:5173',
      'https://[::1]:8443',
      'chrome-extension://abcdefgh',
    ]) {
      succeeds(
        await (
          await opened(lib, { allowedOrigins: [origin] })
        ).json('/auth/token', {}, headers('cross-site', origin)),
      );
    }
  });
};

const limits = (test, lib) => {
  test('the limiter is told who asks, from where and for what, and by whose env', async () => {
    const keys = [];
    const rateLimit = async (key, env) => (keys.push({ ...key, env }), true);
    const { json } = await opened(lib, {
      rateLimit,
      clientIp: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    });
    const init = {
      headers: { 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '198.51.100.7' },
      env: { n: 1 },
    };
    succeeds(await json('/auth/token', {}, init));
    succeeds(await json('/auth/visitor', { deviceId: 'd' }, init));
    equal(
      keys,
      [
        { route: 'token', userId: 'ada', ip: '192.0.2.1', env: { n: 1 } },
        { route: 'visitor', userId: undefined, ip: '192.0.2.1', env: { n: 1 } },
      ],
      'keys',
    );
  });
  test('without clientIp no address is made up', async () => {
    let seen;
    const { json } = await opened(lib, { rateLimit: async (key) => ((seen = key), true) });
    succeeds(
      await json(
        '/auth/token',
        {},
        { headers: { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' } },
      ),
    );
    equal(seen.ip, undefined, 'ip');
  });
  for (const [verdict, retryAfter] of [
    [false, '10'],
    [{ retryAfterMs: 30_000 }, '30'],
    [{ retryAfterMs: 1_001 }, '2'],
    [{ retryAfterMs: 'soon' }, '10'],
    [{ retryAfterMs: -5_000 }, '1'],
    [{ retryAfterMs: 1 }, '1'],
    [{ retryAfterMs: 1e9 }, '86400'],
    [{ retryAfterMs: Infinity }, '86400'],
    [{ retryAfterMs: NaN }, '10'],
    [{ success: true }, '10'],
    [undefined, '10'],
    [1, '10'],
  ]) {
    test(`the limiter's ${JSON.stringify(verdict)} (${verdict?.retryAfterMs}) is a 429`, async () => {
      const { json, service } = await opened(lib, { rateLimit: async () => verdict });
      for (const route of ['token', 'session', 'visitor']) {
        const answer = await json(`/auth/${route}`, { deviceId: 'd' });
        problem(answer, 429, 'rateLimited');
        equal(answer.headers['retry-after'], retryAfter, 'Retry-After');
      }
      equal(service.requests.length, 0, 'requests');
    });
  }
};

const strange = (test, lib) => {
  for (const retryAfterMs of [5n, Symbol('soon')]) {
    test(`the limiter's wait of a ${typeof retryAfterMs} lets nobody pass`, async () => {
      const { json, service } = await opened(lib, { rateLimit: async () => ({ retryAfterMs }) });
      problem(await json('/auth/token', {}), 500, 'server');
      equal(service.requests.length, 0, 'requests');
    });
  }
};

const telling = (test, lib) => {
  const idOf = async (headers) => {
    const { json, events } = await opened(lib);
    const answer = await json('/auth/token', {}, { headers });
    succeeds(answer);
    ok(
      events.length >= 3 &&
        events.every(({ correlationId }) => correlationId === answer.headers['x-correlation-id']),
      'an event has another id',
    );
    return answer.headers['x-correlation-id'];
  };
  test('a correlation id is taken over if it is short and plain', async () => {
    equal(await idOf({ 'x-correlation-id': 'Abc-123_4.5' }), 'Abc-123_4.5', 'x-correlation-id');
    equal(await idOf({ 'x-request-id': 'r1' }), 'r1', 'x-request-id');
    equal(await idOf({ 'x-correlation-id': 'c1', 'x-request-id': 'r1' }), 'c1', 'both');
    equal(await idOf({ 'x-correlation-id': 'x'.repeat(64) }), 'x'.repeat(64), 'of 64 characters');
    for (const id of ['', 'x'.repeat(65), 'a b', '<b>', 'a,b', 'é', '{"a":1}', 'a/b'])
      match(
        await idOf({ 'x-correlation-id': id }),
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        `instead of ${id}`,
      );
  });
  test('each request has a correlation id of its own', async () =>
    ok((await idOf({})) !== (await idOf({})), 'the same one twice'));
  test('the listener is told of the calls and of the answer', async () => {
    const { json, events } = await opened(lib);
    succeeds(await json('/auth/token', {}));
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
    problem(await json('/auth/token', {}, { headers: { cookie: undefined } }), 401, 'unauthorized');
    equal(
      events.map(({ type, status, detail }) => [type, status, detail]),
      [['error', 401, 'unauthorized: Sign in to the app first.']],
      'events',
    );
    ok(Number.isFinite(events[0].at) && events[0].durationMs >= 0, 'times');
  });
  test('a listener that throws changes nothing', async () => {
    const onEvent = () => {
      throw new Error(CANARY);
    };
    const { json } = await opened(lib, { onEvent });
    succeeds(await json('/auth/session', { deviceId: 'd' }));
    problem(await json('/auth/session', {}), 400, 'invalidRequest');
  });
  test('why a key is refused, the listener is told, and not the client', async () => {
    const { json, events } = await opened(lib, { serverKey: secret('not-the-server-key') });
    problem(await json('/auth/token', {}), 502, 'server');
    match(events.at(-1).detail, /^unauthorized: .*server key/, 'what the listener is told');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  for (const define of [routes, origins, limits, strange, telling]) define(test, lib);
};

// Tests how the auth routes respond to faults of the service and of the app's own functions.
import { equal, match, ok } from './harness.mjs';
import { CANARY } from './helpers.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

const testServiceFaults = (test, lib) => {
  const path = '/api/v*';
  const jsonHeaders = { 'content-type': 'application/json' };
  const createErrorBody = (code) => JSON.stringify({ status: 'error', code, message: CANARY });
  for (const [what, fault, status, kind, retryAfter] of [
    ['refuses the server key', { status: 401, body: 'Unauthorized' }, 502, 'server'],
    [
      'responds with 400100',
      { status: 401, body: createErrorBody(400100), headers: jsonHeaders },
      502,
      'server',
    ],
    [
      'has secure mode off',
      { status: 403, body: createErrorBody(400300), headers: jsonHeaders },
      502,
      'server',
    ],
    [
      'denies permission',
      { status: 403, body: createErrorBody(400301), headers: jsonHeaders },
      502,
      'server',
    ],
    [
      'refuses the parameters',
      { status: 422, body: createErrorBody(500000), headers: jsonHeaders },
      502,
      'server',
    ],
    ['is not at the endpoint', { status: 404, body: CANARY }, 502, 'server'],
    [
      'has banned the user',
      { status: 403, body: createErrorBody(400312), headers: jsonHeaders },
      403,
      'banned',
    ],
    [
      'is busy for 30 seconds',
      {
        status: 429,
        body: createErrorBody(400311),
        headers: { ...jsonHeaders, 'retry-after': '30' },
      },
      503,
      'rateLimited',
      '30',
    ],
    [
      'is busy for an unknown time',
      { status: 429, body: createErrorBody(400311), headers: jsonHeaders },
      503,
      'rateLimited',
      '10',
    ],
    ['responds with 500', { status: 500, body: CANARY }, 502, 'server'],
    [
      'is down',
      { status: 503, body: CANARY, headers: { 'retry-after': '120' } },
      503,
      'server',
      '120',
    ],
    ['is unreachable', { drop: true }, 502, 'network'],
    [
      'responds with an HTML page',
      { status: 200, body: `<html>${CANARY}</html>` },
      502,
      'invalidResponse',
    ],
    [
      'redirects',
      { status: 302, headers: { location: `https://evil.example/${CANARY}` } },
      502,
      'invalidResponse',
    ],
  ]) {
    test(`responds with ${status} ${kind} if the service ${what}`, async () => {
      const { service, postJson: post } = await openHandler(lib, { retry: { baseDelayMs: 1 } });
      for (const route of ['token', 'session']) {
        service.faults.clear();
        service.faults.add({ path, times: 9, ...fault });
        const response = await post(`/auth/${route}`, { deviceId: 'd' });
        const { title } = assertProblem(response, status, kind);
        ok(!/key|secure|mode|token|network/i.test(title), `the title reveals internals: ${title}`);
        equal(response.headers['retry-after'], retryAfter, 'Retry-After');
      }
    });
  }
  test('rejects a user who is banned or deleted', async () => {
    const { service, postJson: post } = await openHandler(lib);
    assertSuccess(await post('/auth/session', { deviceId: 'd' }));
    service.banUser('ada');
    assertProblem(await post('/auth/session', { deviceId: 'd' }), 403, 'banned');
    service.deleteUser('ada');
    assertProblem(await post('/auth/session', { deviceId: 'd' }), 403, 'notFound');
    // The service can also respond with a session whose user is marked as deleted.
    const users = [
      {
        userId: 'ada',
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
        isDeleted: true,
      },
    ];
    service.faults.add({
      path: '/api/v5/sessions',
      body: JSON.stringify({
        accessToken: 'at',
        issuedAt: '2026-01-01T00:00:00.000Z',
        expiresAt: '2026-02-01T00:00:00.000Z',
        users,
      }),
    });
    assertProblem(await post('/auth/session', { deviceId: 'd' }), 403, 'notFound');
  });
  test('retries once by default', async () => {
    const { service, postJson: post } = await openHandler(lib, { retry: { baseDelayMs: 1 } });
    service.faults.add({ path, status: 500 });
    assertSuccess(await post('/auth/token', {}));
    service.faults.add({ path, status: 500, times: 9 });
    assertProblem(await post('/auth/token', {}), 502, 'server');
    equal(service.requests.length, 4, 'requests');
  });
  test('passes a Retry-After of over two seconds to the client instead of waiting', async () => {
    const { service, postJson: post } = await openHandler(lib);
    service.faults.add({ path, status: 429, headers: { 'retry-after': '3' } });
    const response = await post('/auth/token', {});
    assertProblem(response, 503, 'rateLimited');
    equal(response.headers['retry-after'], '3', 'Retry-After');
    equal(service.requests.length, 1, 'requests');
  });
  test('does not retry with retry: false', async () => {
    const { service, postJson: post } = await openHandler(lib, { retry: false });
    service.faults.add({ path, status: 500 });
    assertProblem(await post('/auth/token', {}), 502, 'server');
    equal(service.requests.length, 1, 'requests');
  });
  test('timeoutMs limits all attempts and the waits between them together', async () => {
    const { service, postJson: post } = await openHandler(lib, { timeoutMs: 300 });
    service.faults.add({ path, delayMs: 60_000, times: 9 });
    assertProblem(await post('/auth/token', {}), 504, 'timeout');
    service.faults.clear();
    // The wait before the second attempt alone exceeds the timeout.
    const { service: busyService, postJson: postToBusy } = await openHandler(lib, {
      timeoutMs: 300,
      retry: { maxDelayMs: 60_000 },
    });
    busyService.faults.add({ path, status: 429, headers: { 'retry-after': '20' }, times: 9 });
    assertProblem(await postToBusy('/auth/token', {}), 504, 'timeout');
  });
  test('limits Retry-After to one day', async () => {
    for (const retryAfter of ['86401', '9'.repeat(400)]) {
      const { service, postJson: post } = await openHandler(lib, { retry: false });
      service.faults.add({ path, status: 503, headers: { 'retry-after': retryAfter } });
      const response = await post('/auth/token', {});
      assertProblem(response, 503, 'server');
      equal(response.headers['retry-after'], '86400', 'Retry-After');
    }
  });
};

const testAppFaults = (test, lib) => {
  const body = { deviceId: 'd' };
  const throws = () => {
    throw new Error(CANARY);
  };
  const similarError = Object.assign(new Error(CANARY), {
    status: 200,
    kind: 'banned',
    operation: 'createAuthHandler',
  });
  for (const name of [
    'authenticate',
    'clientIp',
    'allowedOrigins',
    'region',
    'serverKey',
    'apiKey',
    'fetch',
  ]) {
    for (const [how, option] of [
      ['throws', throws],
      ['rejects', async () => throws()],
      [
        'rejects with an error that resembles a SocialPlusError',
        () => Promise.reject(similarError),
      ],
      ['rejects with undefined', () => Promise.reject(undefined)],
    ]) {
      test(`responds with a 500 without details if the function of ${name} ${how}`, async () => {
        const { postJson, events, service } = await openHandler(lib, { [name]: option });
        const { title } = assertProblem(await postJson('/auth/session', body), 500, 'server');
        ok(!title.includes(name), 'the title names the option');
        equal(events.at(-1).detail, `server: \`${name}\` threw.`, 'detail of the event');
        equal(service.requests.length, 0, 'requests');
      });
    }
  }
  test('responds with a 500 if visitorSecret throws', async () =>
    void assertProblem(
      await (await openHandler(lib, { visitorSecret: throws })).postJson('/auth/visitor', body),
      500,
      'server',
    ));
  for (const name of ['authenticate', 'rateLimit', 'clientIp', 'serverKey']) {
    test(`responds with a 504 and sends no request if ${name} never settles`, async () => {
      const { postJson, events, service } = await openHandler(lib, {
        [name]: () => new Promise(() => {}),
        timeoutMs: 50,
      });
      assertProblem(await postJson('/auth/session', body), 504, 'timeout');
      match(events.at(-1).detail, /^timeout: /, 'detail of the event');
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('responds with a 500 if a getter of the user throws', async () => {
    const user = {
      get userId() {
        throw new Error(CANARY);
      },
    };
    const { postJson, events } = await openHandler(lib, { authenticate: async () => user });
    assertProblem(await postJson('/auth/session', body), 500, 'server');
    equal(events.at(-1).detail, 'server: An unexpected error was thrown.', 'detail of the event');
  });
  for (const [what, onEvent] of [
    ['rejects', async () => throws()],
    ['returns a thenable that throws', () => ({ then: throws })],
  ]) {
    test(`an onEvent that ${what} does not affect the response`, async () => {
      const { postJson } = await openHandler(lib, { onEvent });
      assertSuccess(await postJson('/auth/session', body));
      assertProblem(await postJson('/auth/session', {}), 400, 'invalidRequest');
    });
  }
  test('responds with a 503 if rateLimit throws', async () => {
    const { postJson, service } = await openHandler(lib, { rateLimit: throws });
    for (const route of ['token', 'session', 'visitor']) {
      const response = await postJson(`/auth/${route}`, body);
      assertProblem(response, 503, 'server');
      equal(response.headers['retry-after'], '10', 'Retry-After');
    }
    equal(service.requests.length, 0, 'requests');
  });
  for (const noUser of [null, undefined, false, 0, '']) {
    test(`responds with a 401 if authenticate returns ${JSON.stringify(noUser)}`, async () =>
      void assertProblem(
        await (
          await openHandler(lib, { authenticate: async () => noUser })
        ).postJson('/auth/token', {}),
        401,
        'unauthorized',
      ));
  }
  for (const [what, user] of [
    ['an object without user id', {}],
    ['a string', 'ada'],
    ['true', true],
    ['a user id that is a number', { userId: 42 }],
    ['an empty user id', { userId: '' }],
    ['a user id of 51 characters', { userId: 'x'.repeat(51) }],
    ['a user id with a lone surrogate', { userId: 'a\ud800' }],
    ['a user id in an array', { userId: ['ada'] }],
    ['a user id with a header in it', { userId: 'ada\r\nx-server-key: other' }],
    ['a user id with a line break', { userId: 'ada\n' }],
    ['a user id with a null character', { userId: 'ada\0' }],
    ['a display name that is a number', { userId: 'ada', displayName: 42 }],
    ['a display name of 101 characters', { userId: 'ada', displayName: 'x'.repeat(101) }],
    ['a user id that starts with ADMIN_', { userId: 'ADMIN_ada' }],
    ['a user id that starts with DELETED_', { userId: 'DELETED_ada' }],
    ['a user id with an escape character', { userId: 'ada\x1b[31m' }],
    ['a user id with a C1 control', { userId: 'ada\x9b31m' }],
    ['a user id with a right-to-left override', { userId: 'ada\u202e' }],
    ['a user id with a bidirectional isolate', { userId: '\u2066ada' }],
    ['a user id with a right-to-left mark', { userId: 'a\u200fda' }],
    ['a user id with a line separator', { userId: 'ada\u2028' }],
  ]) {
    test(`responds with a 500 if authenticate returns ${what}`, async () => {
      const limited = [];
      const { postJson, service, events } = await openHandler(lib, {
        authenticate: async () => user,
        rateLimit: async ({ userId }) => limited.push(userId) > 0,
      });
      // Only `/session` sends the display name.
      const routes = user.displayName ? ['session'] : ['token', 'session'];
      for (const route of routes)
        assertProblem(await postJson(`/auth/${route}`, body), 500, 'server');
      equal(service.requests.length, 0, 'requests');
      if (user.displayName) return;
      equal(limited, [], 'users that rateLimit received');
      equal(events.at(-1).userId, undefined, 'user of the event');
    });
  }
  test('sends user ids with special characters unchanged', async () => {
    for (const userId of ['é&=?#/ %', '👩‍👩‍👧', '"\\', '__proto__', '字'.repeat(50)]) {
      equal(
        assertSuccess(
          await (
            await openHandler(lib, { authenticate: async () => ({ userId }) })
          ).postJson('/auth/session', body),
        ).userId,
        userId,
        'userId',
      );
    }
  });
  test('responds with a 500 if authenticate reads the body instead of a clone', async () => {
    const readBody = async (request) => ({ userId: 'ada', text: await request.text() });
    const { postJson, events } = await openHandler(lib, { authenticate: readBody });
    assertProblem(await postJson('/auth/token', body), 500, 'server');
    match(events.at(-1).detail, /clone/, 'detail of the event');
    assertSuccess(
      await (
        await openHandler(lib, { authenticate: (request) => readBody(request.clone()) })
      ).postJson('/auth/session', body),
    );
  });
  for (const [name, option] of [
    ['serverKey', () => undefined],
    ['serverKey', () => ''],
    ['serverKey', () => 'sk\r\nx: y'],
    ['serverKey', () => 42],
    ['region', () => 'mars'],
    ['region', () => undefined],
    ['apiKey', () => undefined],
    ['fetch', () => 'fetch'],
    ['allowedOrigins', () => ['*']],
    ['allowedOrigins', () => 'https://app.example'],
    ['allowedOrigins', () => undefined],
  ]) {
    test(`responds with a 500 if the function of ${name} returns ${String(option())}`, async () => {
      const { postJson, events, service } = await openHandler(lib, { [name]: option });
      assertProblem(await postJson('/auth/session', body), 500, 'config');
      match(events.at(-1).detail, new RegExp(`^config: .*\`${name}\``), 'detail of the event');
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('responds with a 500 if visitorSecret returns an empty text, and reports it', async () => {
    const { postJson, events } = await openHandler(lib, { visitorSecret: () => '' });
    assertProblem(await postJson('/auth/visitor', body), 500, 'config');
    match(events.at(-1).detail, /^config: .*`visitorSecret`/, 'detail of the event');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testServiceFaults(test, lib);
  testAppFaults(test, lib);
};

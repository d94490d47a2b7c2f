// What the auth routes make of faults on either side: a service in trouble, the app's own
// functions, and options that cannot be used.
import { equal, fail, match, ok, spills } from './harness.mjs';
import { CANARY } from './helpers.mjs';
import { APP, succeeds, opened, problem } from './handler.mjs';
import { started } from './round-trip.mjs';

const trouble = (test, lib) => {
  const path = '/api/v*';
  const json = { 'content-type': 'application/json' };
  const error = (code) => JSON.stringify({ status: 'error', code, message: CANARY });
  for (const [what, fault, status, kind, retryAfter] of [
    ['refuses the server key', { status: 401, body: 'Unauthorized' }, 502, 'server'],
    ['says 400100', { status: 401, body: error(400100), headers: json }, 502, 'server'],
    ['has secure mode off', { status: 403, body: error(400300), headers: json }, 502, 'server'],
    ['does not permit it', { status: 403, body: error(400301), headers: json }, 502, 'server'],
    ['refuses the parameters', { status: 422, body: error(500000), headers: json }, 502, 'server'],
    ['is not at that address', { status: 404, body: CANARY }, 502, 'server'],
    ['has banned the user', { status: 403, body: error(400312), headers: json }, 403, 'banned'],
    [
      'is busy',
      { status: 429, body: error(400311), headers: { ...json, 'retry-after': '30' } },
      503,
      'rateLimited',
      '30',
    ],
    [
      'is busy, and does not say for how long',
      { status: 429, body: error(400311), headers: json },
      503,
      'rateLimited',
      '10',
    ],
    ['fails', { status: 500, body: CANARY }, 502, 'server'],
    [
      'is down',
      { status: 503, body: CANARY, headers: { 'retry-after': '120' } },
      503,
      'server',
      '120',
    ],
    ['is not reached', { drop: true }, 502, 'network'],
    [
      'answers with a page',
      { status: 200, body: `<html>${CANARY}</html>` },
      502,
      'invalidResponse',
    ],
    [
      'sends elsewhere',
      { status: 302, headers: { location: `https://evil.example/${CANARY}` } },
      502,
      'invalidResponse',
    ],
  ]) {
    test(`a service that ${what} is ${status} ${kind}`, async () => {
      const { service, json: post } = await opened(lib, { retry: { baseDelayMs: 1 } });
      for (const route of ['token', 'session']) {
        service.faults.clear();
        service.faults.add({ path, times: 9, ...fault });
        const answer = await post(`/auth/${route}`, { deviceId: 'd' });
        const { title } = problem(answer, status, kind);
        ok(!/key|secure|mode|token|network/i.test(title), `the title says too much: ${title}`);
        equal(answer.headers['retry-after'], retryAfter, 'Retry-After');
      }
    });
  }
  test('a user whom the service has banned, or has deleted, is not let in', async () => {
    const { service, json: post } = await opened(lib);
    succeeds(await post('/auth/session', { deviceId: 'd' }));
    service.banUser('ada');
    problem(await post('/auth/session', { deviceId: 'd' }), 403, 'banned');
    service.deleteUser('ada');
    problem(await post('/auth/session', { deviceId: 'd' }), 403, 'notFound');
    // The other way to say it: with a session, whose user is deleted.
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
    problem(await post('/auth/session', { deviceId: 'd' }), 403, 'notFound');
  });
  test('one retry, by default', async () => {
    const { service, json: post } = await opened(lib, { retry: { baseDelayMs: 1 } });
    service.faults.add({ path, status: 500 });
    succeeds(await post('/auth/token', {}));
    service.faults.add({ path, status: 500, times: 9 });
    problem(await post('/auth/token', {}), 502, 'server');
    equal(service.requests.length, 4, 'requests');
  });
  test('a wait of over two seconds is left to the client', async () => {
    const { service, json: post } = await opened(lib);
    service.faults.add({ path, status: 429, headers: { 'retry-after': '3' } });
    const answer = await post('/auth/token', {});
    problem(answer, 503, 'rateLimited');
    equal(answer.headers['retry-after'], '3', 'Retry-After');
    equal(service.requests.length, 1, 'requests');
  });
  test('no retry, if it is said', async () => {
    const { service, json: post } = await opened(lib, { retry: false });
    service.faults.add({ path, status: 500 });
    problem(await post('/auth/token', {}), 502, 'server');
    equal(service.requests.length, 1, 'requests');
  });
  test('the time is for both attempts and both steps together', async () => {
    const { service, json: post } = await opened(lib, { timeoutMs: 300 });
    service.faults.add({ path, delayMs: 60_000, times: 9 });
    problem(await post('/auth/token', {}), 504, 'timeout');
    service.faults.clear();
    // A wait between two attempts that is longer than there is time for.
    const { service: busy, json: ask } = await opened(lib, {
      timeoutMs: 300,
      retry: { maxDelayMs: 60_000 },
    });
    busy.faults.add({ path, status: 429, headers: { 'retry-after': '20' }, times: 9 });
    problem(await ask('/auth/token', {}), 504, 'timeout');
  });
  test('however long the service says to wait, it is at most a day', async () => {
    for (const retryAfter of ['86401', '9'.repeat(400)]) {
      const { service, json: post } = await opened(lib, { retry: false });
      service.faults.add({ path, status: 503, headers: { 'retry-after': retryAfter } });
      const answer = await post('/auth/token', {});
      problem(answer, 503, 'server');
      equal(answer.headers['retry-after'], '86400', 'Retry-After');
    }
  });
};

const appFaults = (test, lib) => {
  const body = { deviceId: 'd' };
  const throws = () => {
    throw new Error(CANARY);
  };
  const foreign = Object.assign(new Error(CANARY), {
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
      ['throws something like our errors', () => Promise.reject(foreign)],
      ['throws nothing', () => Promise.reject(undefined)],
    ]) {
      test(`${name} that ${how} is a 500 that says nothing`, async () => {
        const { json, events, service } = await opened(lib, { [name]: option });
        const { title } = problem(await json('/auth/session', body), 500, 'server');
        ok(!title.includes(name), 'the title names it');
        equal(events.at(-1).detail, `server: \`${name}\` threw.`, 'what the listener is told');
        equal(service.requests.length, 0, 'requests');
      });
    }
  }
  test('visitorSecret that throws is a 500 that says nothing', async () =>
    void problem(
      await (await opened(lib, { visitorSecret: throws })).json('/auth/visitor', body),
      500,
      'server',
    ));
  for (const name of ['authenticate', 'rateLimit', 'clientIp', 'serverKey']) {
    test(`${name} that never settles is a 504 when the time is up, and nobody is asked`, async () => {
      const { json, events, service } = await opened(lib, {
        [name]: () => new Promise(() => {}),
        timeoutMs: 50,
      });
      problem(await json('/auth/session', body), 504, 'timeout');
      match(events.at(-1).detail, /^timeout: /, 'what the listener is told');
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('a user that cannot be read is a 500, and the listener is told', async () => {
    const user = {
      get userId() {
        throw new Error(CANARY);
      },
    };
    const { json, events } = await opened(lib, { authenticate: async () => user });
    problem(await json('/auth/session', body), 500, 'server');
    equal(events.at(-1).detail, 'server: Something threw.', 'what the listener is told');
  });
  for (const [what, onEvent] of [
    ['rejects', async () => throws()],
    ['returns what cannot be waited for', () => ({ then: throws })],
  ]) {
    test(`a listener that ${what} changes nothing`, async () => {
      const { json } = await opened(lib, { onEvent });
      succeeds(await json('/auth/session', body));
      problem(await json('/auth/session', {}), 400, 'invalidRequest');
    });
  }
  test('a limiter that throws lets nobody pass', async () => {
    const { json, service } = await opened(lib, { rateLimit: throws });
    for (const route of ['token', 'session', 'visitor']) {
      const answer = await json(`/auth/${route}`, body);
      problem(answer, 503, 'server');
      equal(answer.headers['retry-after'], '10', 'Retry-After');
    }
    equal(service.requests.length, 0, 'requests');
  });
  for (const nobody of [null, undefined, false, 0, '']) {
    test(`authenticate that gives ${JSON.stringify(nobody)} is a 401`, async () =>
      void problem(
        await (await opened(lib, { authenticate: async () => nobody })).json('/auth/token', {}),
        401,
        'unauthorized',
      ));
  }
  for (const [what, user] of [
    ['no user id', {}],
    ['a user', 'ada'],
    ['true', true],
    ['a number', { userId: 42 }],
    ['an empty user id', { userId: '' }],
    ['a user id of 51 characters', { userId: 'x'.repeat(51) }],
    ['a user id with half a surrogate pair', { userId: 'a\ud800' }],
    ['a user id in a list', { userId: ['ada'] }],
    ['a user id with a header in it', { userId: 'ada\r\nx-server-key: other' }],
    ['a user id with a line break', { userId: 'ada\n' }],
    ['a user id with a zero', { userId: 'ada\0' }],
    ['a display name that is none', { userId: 'ada', displayName: 42 }],
    ['a display name of 101 characters', { userId: 'ada', displayName: 'x'.repeat(101) }],
    ['a user id that the service keeps for itself', { userId: 'ADMIN_ada' }],
  ]) {
    test(`authenticate that gives ${what} is a 500`, async () => {
      const { json, service } = await opened(lib, { authenticate: async () => user });
      problem(await json('/auth/session', body), 500, 'server');
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('user ids of any other kind arrive as they are', async () => {
    for (const userId of ['é&=?#/ %', '👩‍👩‍👧', '"\\', '__proto__', '字'.repeat(50)]) {
      equal(
        succeeds(
          await (
            await opened(lib, { authenticate: async () => ({ userId }) })
          ).json('/auth/session', body),
        ).userId,
        userId,
        'userId',
      );
    }
  });
  test('authenticate that reads the body itself is a 500, a clone of it is fine', async () => {
    const reading = (request) => ({
      authenticate: async () => ({ userId: 'ada', text: await request.text() }),
    });
    const { json, events } = await opened(lib, {
      authenticate: (request) => reading(request).authenticate(),
    });
    problem(await json('/auth/token', body), 500, 'server');
    match(events.at(-1).detail, /clone/, 'what the listener is told');
    succeeds(
      await (
        await opened(lib, { authenticate: (request) => reading(request.clone()).authenticate() })
      ).json('/auth/session', body),
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
    test(`${name} that gives ${JSON.stringify(option())} is a 500, and the listener is told`, async () => {
      const { json, events, service } = await opened(lib, { [name]: option });
      problem(await json('/auth/session', body), 500, 'config');
      match(
        events.at(-1).detail,
        new RegExp(`^config: .*\`${name}\``),
        'what the listener is told',
      );
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('visitorSecret that gives nothing is a 500, and the listener is told', async () => {
    const { json, events } = await opened(lib, { visitorSecret: () => '' });
    problem(await json('/auth/visitor', body), 500, 'config');
    match(events.at(-1).detail, /^config: .*`visitorSecret`/, 'what the listener is told');
  });
};

const setUp = (test, lib) => {
  const { createAuthHandler } = lib.edge;
  const fitting = { region: 'eu', serverKey: 'sk', authenticate: async () => null };
  test('the least that it needs', () => {
    equal(typeof createAuthHandler(fitting), 'function', 'handler');
    createAuthHandler({ ...fitting, visitorSecret: 'vs', rateLimit: async () => true });
    createAuthHandler({ ...fitting, visitorSecret: () => 'vs', allowUnlimitedVisitors: true });
    createAuthHandler({
      ...fitting,
      basePath: undefined,
      timeoutMs: undefined,
      allowedOrigins: undefined,
      retry: undefined,
    });
  });
  for (const [what, options] of Object.entries({
    'no options': undefined,
    'no server key': { serverKey: undefined },
    'an empty server key': { serverKey: '' },
    'a server key that is no text': { serverKey: 42 },
    'no authenticate': { authenticate: undefined },
    'authenticate that is no function': { authenticate: 'ada' },
    'rateLimit that is no function': { rateLimit: true },
    'clientIp that is no function': { clientIp: 'cf-connecting-ip' },
    'fetch that is no function': { fetch: 'fetch' },
    'onEvent that is no function': { onEvent: {} },
    'neither region nor endpoint': { region: undefined },
    'a region that is no text': { region: 1 },
    'an API key that is no text': { apiKey: 1 },
    'non-browsers allowed by a text': { allowNonBrowser: 'false' },
    'non-browsers allowed by a number': { allowNonBrowser: 1 },
    'visitors without a limit, by a text': { visitorSecret: 'vs', allowUnlimitedVisitors: 'false' },
    'a limit on visitors, and its lack allowed by a text': {
      visitorSecret: 'vs',
      rateLimit: async () => true,
      allowUnlimitedVisitors: 'no',
    },
    'a visitor secret that is no text': { visitorSecret: 1, rateLimit: async () => true },
    'visitors without a limit': { visitorSecret: 'vs' },
    'visitors without a limit, the secret by a function': { visitorSecret: () => 'vs' },
    'every origin': { allowedOrigins: ['*'] },
    'origins as one text': { allowedOrigins: 'https://app.example' },
    'an origin with a slash at its end': { allowedOrigins: ['https://app.example/'] },
    'an origin with a path': { allowedOrigins: ['https://app.example/page'] },
    'an origin with a wild part': { allowedOrigins: ['https://*.example'] },
    'an origin in capitals': { allowedOrigins: ['https://App.example'] },
    'a host without a scheme': { allowedOrigins: ['app.example'] },
    'the origin null': { allowedOrigins: ['null'] },
    'an origin that is no text': { allowedOrigins: [null] },
    'a base path without a slash': { basePath: 'auth' },
    'a base path with one at its end': { basePath: '/auth/' },
    'a base path with dots': { basePath: '/a/?b' },
    'a base path that is no text': { basePath: 42 },
    'a base path in a list': { basePath: ['/auth'] },
    'a timeout in words': { timeoutMs: '8s' },
    'no time': { timeoutMs: 0 },
    'less than no time': { timeoutMs: -1 },
    'a time that is no number': { timeoutMs: NaN },
    'a time without end': { timeoutMs: Infinity },
    'a time that no timer takes': { timeoutMs: 2 ** 31 },
    'retries in words': { retry: 'often' },
  })) {
    test(`${what} is refused at once`, () => {
      try {
        createAuthHandler(options && { ...fitting, ...options });
      } catch (error) {
        ok(lib.edge.SocialPlusError.is(error) && !spills(error.message), `${error.name}`);
        return equal(
          [error.kind, error.operation],
          ['config', 'createAuthHandler'],
          `kind, operation (${error.message})`,
        );
      }
      return fail('it was not refused');
    });
  }
  test('options that change later change nothing', async () => {
    const { service } = await started(lib);
    const options = {
      ...fitting,
      serverKey: service.serverKey,
      fetch: () => service.fetch,
      authenticate: async () => ({ userId: 'ada' }),
    };
    const handler = createAuthHandler(options);
    Object.assign(options, {
      serverKey: 'other',
      authenticate: async () => ({ userId: 'eve' }),
      basePath: '/elsewhere',
    });
    equal(
      (
        await handler(
          new Request(`${APP}/auth/token`, { method: 'POST', headers: { origin: APP } }),
        )
      ).status,
      200,
      'status',
    );
    equal(service.requests[0].body, { userId: 'ada' }, 'whom it was for');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  for (const define of [trouble, appFaults, setUp]) define(test, lib);
};

// A table of hostile requests to the auth routes, each with the status that it is refused with; and
// 200 users at once, none of whom gets what is another's.
import { equal, ok, secret, until } from './harness.mjs';
import { resolves } from './helpers.mjs';
import { APP, PAGE, succeeds, opened, problem } from './handler.mjs';

const EVIL = 'https://evil.example';
const from = (origin, site, more) => ({ headers: { origin, 'sec-fetch-site': site, ...more } });
const typed = (type, body = '{"deviceId":"d"}') => ({ headers: { 'content-type': type }, body });
const utf16 = new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]);

/**
 * What, the path, the request, and the status and kind of its refusal. The body is
 * `{"deviceId":"d"}` unless it is said.
 */
const refusals = [
  ['another origin', '/auth/token', from(EVIL), 403, 'forbidden'],
  ['another origin, across sites', '/auth/token', from(EVIL, 'cross-site'), 403, 'forbidden'],
  [
    'another origin of the same site',
    '/auth/token',
    from('https://other.app.example', 'same-site'),
    403,
    'forbidden',
  ],
  ['another origin to /session', '/auth/session', from(EVIL), 403, 'forbidden'],
  ['another origin to /visitor', '/auth/visitor', from(EVIL), 403, 'forbidden'],
  [
    'another origin, and the user signed in',
    '/auth/session',
    from(EVIL, 'cross-site', { cookie: 'ada' }),
    403,
    'forbidden',
  ],
  ['the origin null', '/auth/token', from('null'), 403, 'forbidden'],
  ['the origin null, across sites', '/auth/token', from('null', 'cross-site'), 403, 'forbidden'],
  ['an empty origin', '/auth/token', from(''), 403, 'forbidden'],
  ['no origin, across sites', '/auth/token', from(undefined, 'cross-site'), 403, 'forbidden'],
  ['no origin, of the same site', '/auth/token', from(undefined, 'same-site'), 403, 'forbidden'],
  ['no origin, by the user’s own hand', '/auth/token', from(undefined, 'none'), 403, 'forbidden'],
  ['neither origin nor site', '/auth/token', from(undefined), 403, 'forbidden'],
  [
    'an origin that begins like an allowed one',
    '/auth/token',
    from(`${PAGE}.evil.example`),
    403,
    'forbidden',
  ],
  [
    'an origin that ends like an allowed one',
    '/auth/token',
    from('https://evil-page.example'),
    403,
    'forbidden',
  ],
  ['an allowed origin without its s', '/auth/token', from('http://page.example'), 403, 'forbidden'],
  ['an allowed origin on another port', '/auth/token', from(`${PAGE}:8443`), 403, 'forbidden'],
  ['an allowed origin in capitals', '/auth/token', from('https://PAGE.example'), 403, 'forbidden'],
  ['two origins', '/auth/token', from(`${PAGE}, ${EVIL}`), 403, 'forbidden'],
  ['the own origin without its s', '/auth/token', from('http://app.example'), 403, 'forbidden'],
  [
    'a forwarded host',
    '/auth/token',
    from(EVIL, undefined, { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }),
    403,
    'forbidden',
  ],
  [
    'a Sec-Fetch-Site that no browser sends',
    '/auth/token',
    from(EVIL, 'Same-Origin'),
    403,
    'forbidden',
  ],
  [
    'a preflight of another origin',
    '/auth/token',
    { method: 'OPTIONS', ...from(EVIL) },
    403,
    'forbidden',
  ],

  ['no cookie', '/auth/token', { headers: { cookie: undefined } }, 401, 'unauthorized'],
  [
    'no cookie, a user id in the body',
    '/auth/token',
    { headers: { cookie: undefined }, body: '{"userId":"ada"}' },
    401,
    'unauthorized',
  ],
  [
    'no cookie, a user id in the query',
    '/auth/session?userId=ada',
    { headers: { cookie: undefined } },
    401,
    'unauthorized',
  ],
  [
    'no cookie, a user id in headers',
    '/auth/token',
    { headers: { cookie: undefined, 'x-user-id': 'ada', authorization: 'Bearer ada' } },
    401,
    'unauthorized',
  ],
  ['a line break in the user id', '/auth/session', { headers: { cookie: 'crlf' } }, 500, 'server'],

  ['GET', '/auth/token', { method: 'GET', body: undefined }, 405, 'invalidRequest'],
  ['HEAD', '/auth/token', { method: 'HEAD', body: undefined }, 405, undefined],
  ['PUT', '/auth/token', { method: 'PUT' }, 405, 'invalidRequest'],
  ['DELETE', '/auth/session', { method: 'DELETE' }, 405, 'invalidRequest'],
  ['PATCH', '/auth/visitor', { method: 'PATCH' }, 405, 'invalidRequest'],
  [
    'GET that a header calls POST',
    '/auth/token',
    {
      method: 'GET',
      body: undefined,
      headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST' },
    },
    405,
    'invalidRequest',
  ],
  [
    'GET that the query calls POST',
    '/auth/token?_method=POST',
    { method: 'GET', body: undefined },
    405,
    'invalidRequest',
  ],
  [
    'GET across sites',
    '/auth/token',
    { method: 'GET', body: undefined, ...from(EVIL, 'cross-site') },
    405,
    'invalidRequest',
  ],

  [
    'a form',
    '/auth/token',
    typed('application/x-www-form-urlencoded', 'deviceId=d'),
    415,
    'invalidRequest',
  ],
  ['a form with JSON for its name', '/auth/token', typed('text/plain'), 415, 'invalidRequest'],
  [
    'a multipart form',
    '/auth/token',
    typed('multipart/form-data; boundary=x', '--x--'),
    415,
    'invalidRequest',
  ],
  ['another JSON', '/auth/token', typed('application/json-patch+json'), 415, 'invalidRequest'],
  [
    'a type that begins like JSON',
    '/auth/token',
    typed('application/jsonx'),
    415,
    'invalidRequest',
  ],
  ['two types', '/auth/token', typed('text/plain, application/json'), 415, 'invalidRequest'],
  [
    'JSON as a parameter',
    '/auth/token',
    typed('text/plain; application/json'),
    415,
    'invalidRequest',
  ],
  [
    'a body without a type',
    '/auth/token',
    { headers: { 'content-type': undefined }, body: new TextEncoder().encode('{}') },
    415,
    'invalidRequest',
  ],

  [
    'a body of 1 MiB',
    '/auth/session',
    { body: JSON.stringify({ deviceId: 'd', more: 'x'.repeat(1 << 20) }) },
    413,
    'invalidRequest',
  ],
  [
    'a body of 16 KiB and a byte',
    '/auth/visitor',
    { body: JSON.stringify({ deviceId: 'd' }).padEnd(16_385) },
    413,
    'invalidRequest',
  ],
  [
    'a body of 1 MiB that is no JSON',
    '/auth/token',
    { body: new Uint8Array(1 << 20) },
    413,
    'invalidRequest',
  ],
  ...[
    '{',
    'null',
    '[]',
    '"d"',
    '42',
    'true',
    '{"deviceId":"d"}}',
    '{"deviceId":"d"',
    "{'deviceId':'d'}",
    ' ',
    '\0',
    '<xml/>',
    '[{"deviceId":"d"}]',
    '{"deviceId":"d"}\n{}',
  ].map((body) => [
    `the body ${JSON.stringify(body)}`,
    '/auth/session',
    { body },
    400,
    'invalidRequest',
  ]),
  [
    'a body that is no UTF-8',
    '/auth/session',
    { body: new Uint8Array([...new TextEncoder().encode('{"deviceId":"'), 0xff, 0x22, 0x7d]) },
    400,
    'invalidRequest',
  ],
  [
    'a body that ends in half a character',
    '/auth/token',
    { body: new Uint8Array([0x7b, 0x7d, 0xe2, 0x82]) },
    400,
    'invalidRequest',
  ],
  ['a body in UTF-16', '/auth/token', { body: utf16 }, 400, 'invalidRequest'],
  ['a body nested without end', '/auth/token', { body: '['.repeat(16_000) }, 400, 'invalidRequest'],
  ...['session', 'visitor'].flatMap((route) =>
    [
      {},
      { deviceId: '' },
      { deviceId: 'x'.repeat(151) },
      { deviceId: 42 },
      { deviceId: null },
      { deviceId: ['d'] },
      { deviceId: { toString: 'd' } },
      { deviceId: 'a\ud800' },
      { DeviceId: 'd' },
    ].map((body) => [
      `the device of ${JSON.stringify(body).slice(0, 40)} to /${route}`,
      `/auth/${route}`,
      { body: JSON.stringify(body) },
      400,
      'invalidRequest',
    ]),
  ),
  [
    'a device id in the prototype',
    '/auth/session',
    { body: '{"__proto__":{"deviceId":"d"}}' },
    400,
    'invalidRequest',
  ],
  [
    'a device id that is none to /token',
    '/auth/token',
    { body: '{"deviceId":42}' },
    400,
    'invalidRequest',
  ],
  [
    'a device id that goes on as the rest of what is signed',
    '/auth/visitor',
    { body: '{"deviceId":"d&authSignatureExpiresAt=2099-01-01T00:00:00.000Z"}' },
    400,
    'invalidRequest',
  ],
  [
    'a device info that is none',
    '/auth/session',
    { body: '{"deviceId":"d","deviceInfo":"web"}' },
    400,
    'invalidRequest',
  ],
  [
    'a device kind that is none',
    '/auth/session',
    { body: '{"deviceId":"d","deviceInfo":{"kind":"fridge"}}' },
    400,
    'invalidRequest',
  ],
  [
    'a device model without end',
    '/auth/session',
    { body: JSON.stringify({ deviceId: 'd', deviceInfo: { model: 'x'.repeat(301) } }) },
    400,
    'invalidRequest',
  ],

  ...[
    '/',
    '/auth',
    '/auth/',
    '/auth/token/',
    '/auth//token',
    '//auth/token',
    '/AUTH/token',
    '/auth/Token',
    '/auth/%2e%2e/token',
    '/auth/..%2ftoken',
    '/auth%2ftoken',
    '/auth%5ctoken',
    '/auth/toke%6e',
    '/auth/token%00',
    '/auth/token%20',
    '/auth/token;x=1',
    '/auth/token.json',
    '/auth/tokens',
    '/x/auth/token',
    '/auth/token/../session/x',
    '/auth/undefined',
    '/auth/__proto__',
    '/auth/constructor',
    '/%61uth/token',
  ].map((path) => [`the path ${path}`, path, {}, 404, 'notFound']),
  ['a path in another address', '/?x=/auth/token', {}, 404, 'notFound'],
  ['a path in the fragment', '/#/auth/token', {}, 404, 'notFound'],
];

const table = (test, lib) => {
  for (const [what, path, init, status, kind] of refusals) {
    test(`${what}: ${status}`, async () => {
      const authenticate = async ({ headers }) => {
        const name = headers.get('cookie');
        return name && { userId: name === 'crlf' ? 'ada\r\nx-server-key: other' : name };
      };
      const { ask, service } = await opened(lib, { authenticate });
      const answer = await ask(path.startsWith('//') ? `${APP}${path}` : path, {
        body: '{"deviceId":"d"}',
        ...init,
      });
      if (kind) problem(answer, status, kind);
      else equal(answer.status, status, 'status');
      if (status === 405) equal(answer.headers.allow, 'POST, OPTIONS', 'allow');
      if (/^(a|the) device/.test(what))
        ok(/^`device/.test(answer.body.title), `the title names no field: ${answer.body.title}`);
      if (init.headers?.origin !== PAGE)
        equal(answer.headers['access-control-allow-origin'], undefined, 'allow-origin');
      equal(service.requests.length, 0, 'requests to the service');
    });
  }
};

const harmless = (test, lib) => {
  test('a user id in the body is ignored, whatever it says', async () => {
    const { json, service } = await opened(lib);
    for (const userId of ['eve', '', null, 42, { $ne: 1 }, 'x'.repeat(99)]) {
      const session = succeeds(
        await json('/auth/session', {
          deviceId: 'd',
          userId,
          user: { userId },
          authToken: 'x',
          displayName: 'Eve',
          apiKey: 'x',
          signal: {},
        }),
      );
      equal(session.userId, 'ada', 'user: userId');
      equal(session.user.displayName === 'Eve', false, "user: session.user.displayName === 'Eve'");
      secret(session.accessToken);
    }
    equal(
      service.users().map(({ userId }) => userId),
      ['ada'],
      'users of the service',
    );
  });
  test('POST that a header calls DELETE is POST', async () => {
    const { json } = await opened(lib);
    succeeds(await json('/auth/token', {}, { headers: { 'x-http-method-override': 'DELETE' } }));
  });
  test('a body of 16 KiB is read', async () =>
    succeeds(
      await (await opened(lib)).ask('/auth/session', { body: '{"deviceId":"d"}'.padEnd(16_384) }),
    ));
  test('what a body type may add to JSON', async () => {
    const { ask } = await opened(lib);
    for (const type of [
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'Application/JSON',
      'application/json ; x=y',
    ])
      succeeds(await ask('/auth/session', typed(type)));
  });
  test('a body that never ends is let go of', async () => {
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024).fill(32));
      },
      cancel() {
        cancelled = true;
      },
    });
    const { ask } = await opened(lib);
    problem(await ask('/auth/token', { body, duplex: 'half' }), 413, 'invalidRequest');
    ok(pulled < 40, `${pulled} KiB were read`);
    ok(cancelled, 'the stream was not cancelled');
  });
  test('a body that breaks off is a 400', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"deviceId":'));
        controller.error(new Error('broken'));
      },
    });
    problem(
      await (await opened(lib)).ask('/auth/session', { body, duplex: 'half' }),
      400,
      'invalidRequest',
    );
  });
};

/** A body that begins, and then never goes on; `cancelled` resolves when it is let go of. */
const stalled = () => {
  let cancel;
  const cancelled = new Promise((resolve) => (cancel = resolve));
  const start = (controller) => controller.enqueue(new TextEncoder().encode('{"deviceId":"d"'));
  return { init: { body: new ReadableStream({ start, cancel }), duplex: 'half' }, cancelled };
};

const stalling = (test, lib) => {
  for (const route of ['token', 'session', 'visitor']) {
    test(`a body to /${route} that stalls is a 408 when the time is up, and let go of`, async () => {
      const { ask, service } = await opened(lib, { timeoutMs: 200 });
      const { init, cancelled } = stalled();
      problem(await ask(`/auth/${route}`, init), 408, 'timeout');
      await cancelled;
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('a body that stalls is let go of when the client is gone', async () => {
    const { ask } = await opened(lib, { timeoutMs: 60_000 });
    const { init, cancelled } = stalled();
    const controller = new AbortController();
    const pending = ask('/auth/visitor', { ...init, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    equal((await pending).status, 499, 'status');
    await cancelled;
  });
};

/** Numbers from 0 to 1 that are the same in every run. */
const numbers = (seed) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
};

const crowd = (test, lib) => {
  for (const route of ['token', 'session']) {
    test(`200 users at once to /${route}, some of whom give up: each gets its own, or a clear error`, async () => {
      const random = numbers(7);
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      let slow;
      // A busy machine may be slower than the service.
      const { ask, service, open, verify } = await opened(lib, {
        fetch: () => slow,
        retry: { baseDelayMs: 1 },
        timeoutMs: 60_000,
      });
      slow = async (url, init) => {
        await pause(random() * 30);
        if (random() < 0.1) throw new TypeError('fetch failed');
        const response = await service.fetch(url, init);
        await pause(random() * 30);
        return response;
      };
      const users = Array.from({ length: 200 }, (_, n) => `user-${n}`);
      const outcomes = await Promise.all(
        users.map(async (cookie, n) => {
          const controller = new AbortController();
          if (n % 5 === 0) setTimeout(() => controller.abort(), random() * 50);
          await pause(random() * 20);
          const answer = await ask(`/auth/${route}`, {
            headers: { cookie },
            body: JSON.stringify({ deviceId: `device of ${cookie}` }),
            signal: controller.signal,
          });
          if (answer.status === 499) {
            equal(answer.body.kind, 'aborted', 'an abort: kind');
            equal(controller.signal.aborted, true, 'an abort: aborted');
          } else if (answer.status !== 200) problem(answer, 502, 'network');
          return answer;
        }),
      );
      const served = users.filter((_, n) => outcomes[n].status === 200);
      ok(
        served.length >= 120 && outcomes.some(({ status }) => status === 499),
        `${served.length} were served, or nobody was aborted`,
      );
      for (const [n, { status, body }] of outcomes.entries()) {
        if (status !== 200) continue;
        secret(body.authToken ?? body.accessToken);
        if (route === 'session') {
          equal(body.userId, users[n], 'whose session: userId');
          equal(body.user.userId, users[n], 'whose session: userId');
          equal(body.deviceId, `device of ${users[n]}`, 'whose session: deviceId');
          equal(await verify(body.accessToken), { valid: true }, 'verified');
        } else {
          const session = await resolves(
            () =>
              lib.edge.createSession(open, {
                userId: users[n],
                deviceId: 'd',
                authToken: body.authToken,
              }),
            `the token of ${users[n]}`,
          );
          equal(session.userId, users[n], 'whose token');
        }
      }
      const aborted = users[outcomes.findIndex(({ status }) => status === 499)];
      slow = service.fetch;
      succeeds(
        await ask(`/auth/${route}`, { headers: { cookie: aborted }, body: '{"deviceId":"d"}' }),
      );
    });
  }
  test('a request that is aborted takes its own call upstream with it, and no other', async () => {
    const signals = [];
    const hanging = (url, { signal }) =>
      new Promise(
        (_, reject) => (
          signals.push(signal),
          signal.addEventListener('abort', () => reject(signal.reason))
        ),
      );
    const { ask } = await opened(lib, { fetch: () => hanging, timeoutMs: 60_000, retry: false });
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }) => ask('/auth/token', { signal }));
    await until(() => signals.length === 2, 'both calls');
    controllers[0].abort();
    equal((await answers[0]).status, 499, 'the one');
    equal(
      signals.map(({ aborted }) => aborted),
      [true, false],
      'signals',
    );
    controllers[1].abort();
    equal((await answers[1]).status, 499, 'the other: status');
    equal(signals[1].aborted, true, 'the other: aborted');
  });
  test('a request that is aborted before it is handled asks nobody', async () => {
    const { ask, service } = await opened(lib);
    const answer = await ask('/auth/token', { signal: AbortSignal.abort() });
    equal(answer.status, 499, 'status');
    equal(answer.body.kind, 'aborted', 'kind');
    equal(service.requests.length, 0, 'requests');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  for (const define of [table, harmless, stalling, crowd]) define(test, lib);
};

// Tests how the auth routes explain a refusal: the client learns what it can change, and `onEvent`
// learns the rest.
import { equal, match, ok, withReplaced } from './harness.mjs';
import { CANARY } from './helpers.mjs';
import { APP_ORIGIN, assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

/** Each row holds the reason, the request, the status, the kind, and the title. */
const REFUSALS = [
  ['an unknown route', { path: '/auth/x' }, 404, 'notFound', /^Unknown route/],
  [
    'another method',
    { method: 'PUT', body: '{}' },
    405,
    'invalidRequest',
    /^The method must be POST/,
  ],
  [
    'a foreign origin',
    { headers: { origin: 'https://evil.example' } },
    403,
    'forbidden',
    /^Origin not allowed: add it to `allowedOrigins`/,
  ],
  [
    'another content type',
    { headers: { 'content-type': 'text/plain' } },
    415,
    'invalidRequest',
    /^The content-type must be application\/json/,
  ],
  [
    'a missing sign-in',
    { headers: { cookie: undefined } },
    401,
    'unauthorized',
    /^Sign in to the app first/,
  ],
  [
    'a body that is no object',
    { body: '[]' },
    400,
    'invalidRequest',
    /^The body must be a JSON object/,
  ],
  [
    'a long body',
    { body: JSON.stringify({ x: 'x'.repeat(17_000) }) },
    413,
    'invalidRequest',
    /16 KiB/,
  ],
];

const testTitles = (test, lib) => {
  for (const [reason, { path = '/auth/token', ...init }, status, kind, title] of REFUSALS)
    test(`the title of the response to ${reason} says what to change`, async () => {
      const { sendRequest, events } = await openHandler(lib);
      const problem = assertProblem(await sendRequest(path, init), status, kind);
      match(problem.title, title, 'title');
      equal(events.at(-1).detail, `${kind}: ${problem.title}`, 'detail of the event');
    });
  test('the title of the response to a user over the limit says so', async () => {
    const { postJson } = await openHandler(lib, { rateLimit: () => false });
    const { title } = assertProblem(await postJson('/auth/token', {}), 429, 'rateLimited');
    match(title, /^Too many requests/, 'title');
  });
  test('only onEvent learns why the server cannot respond', async () => {
    const { postJson, events } = await openHandler(lib, { authenticate: () => ({ userId: 7 }) });
    const { title } = assertProblem(await postJson('/auth/token', {}), 500, 'server');
    match(title, /^The server cannot do this now/, 'title');
    match(
      events.at(-1).detail,
      /^server: `authenticate` must return a `userId` of 1 to 50 characters without control/,
      'detail of the event',
    );
  });
  test('a wrong option that is only known at a request is reported as config', async () => {
    const { postJson, events } = await openHandler(lib, {
      allowedOrigins: () => ['not an origin'],
    });
    assertProblem(await postJson('/auth/token', {}), 500, 'config');
    match(events.at(-1).detail, /^config: .*must be origins/, 'detail of the event');
  });
};

const testTimes = (test, lib) => {
  test('each attempt gets an equal share of timeoutMs', async () => {
    const { setTimeout: set } = globalThis;
    const delays = [];
    const record = (callback, ms, ...args) => (delays.push(ms), set(callback, ms, ...args));
    const { postJson } = await openHandler(lib, { timeoutMs: 900_001, retry: { attempts: 4 } });
    await withReplaced(globalThis, 'setTimeout', record, async () =>
      assertSuccess(await postJson('/auth/token', {})),
    );
    ok(delays.includes(900_001), `timeout of the request: ${delays}`);
    ok(delays.includes(225_001), `timeout of an attempt: ${delays}`);
  });
  test('the event of a response says when and after how long it was ready', async () => {
    const { postJson, events } = await openHandler(lib);
    const startMs = Date.now();
    assertSuccess(await postJson('/auth/token', {}));
    const endMs = Date.now();
    const { at, durationMs } = events.at(-1);
    ok(at >= startMs && at <= endMs, `at ${at}, between ${startMs} and ${endMs}`);
    ok(durationMs >= 0 && durationMs <= endMs - startMs, `${durationMs} ms`);
  });
};

const testForms = (test, lib) => {
  test('a preflight response has neither a body nor a content type', async () => {
    const { sendRequest } = await openHandler(lib);
    const { status, headers, body } = await sendRequest('/auth/token', { method: 'OPTIONS' });
    equal(status, 204, 'status');
    equal(body, undefined, 'body');
    equal(headers['content-type'], undefined, 'content-type');
  });
  test('a request object without a signal gets a response', async () => {
    const { handler } = await openHandler(lib);
    const headers = new Headers({
      origin: APP_ORIGIN,
      'content-type': 'application/json',
      cookie: 'ada',
    });
    const request = { url: `${APP_ORIGIN}/auth/token`, method: 'POST', headers, body: null };
    equal((await handler(request)).status, 200, 'status');
    equal((await handler({ ...request, method: 'PUT' })).status, 405, 'status of a refusal');
  });
  test('a body that stalls is refused after timeoutMs, even without a signal', async () => {
    const { handler } = await openHandler(lib, { timeoutMs: 5 });
    const headers = new Headers({
      origin: APP_ORIGIN,
      'content-type': 'application/json',
      cookie: 'ada',
    });
    const body = new ReadableStream({});
    const request = { url: `${APP_ORIGIN}/auth/token`, method: 'POST', headers, body };
    const { status, title, kind } = await (await handler(request)).json();
    // A busy machine may reach the limit before it reads the body.
    ok([408, 504].includes(status), `status ${status}`);
    equal(kind, 'timeout', 'kind');
    if (status === 408) match(title, /^Request timed out/, 'title');
  });
  test('options that cannot be read are refused as config', () => {
    const options = {
      get region() {
        throw new Error(CANARY);
      },
    };
    let error;
    try {
      lib.edge.createAuthHandler(options);
    } catch (thrown) {
      error = thrown;
    }
    equal([error?.kind, error?.operation], ['config', 'createAuthHandler'], 'error');
  });
};

export default ({ test, lib }) => {
  if (lib.edge) [testTitles, testTimes, testForms].forEach((part) => part(test, lib));
};

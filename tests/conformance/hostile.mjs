// A fetch that misbehaves in every way we know: each call settles with a typed error that says
// nothing of what was thrown, and the next call works.
import { equal, fail, ok, replaced } from './harness.mjs';
import {
  CANARY,
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
} from './helpers.mjs';

const raise = (value) => () => {
  throw value;
};
const getter = (name, get, rest = {}) =>
  Object.defineProperty({ ...rest }, name, { get, enumerable: true });
const like = (over) => ({
  ok: true,
  status: 200,
  type: 'basic',
  url: '',
  redirected: false,
  bodyUsed: false,
  headers: new Headers(),
  body: null,
  text: async () => '{}',
  json: async () => ({}),
  arrayBuffer: async () => new ArrayBuffer(2),
  ...over,
});

const network = { kind: 'network', retryable: true };
const junk = { kind: 'invalidResponse', retryable: false };
const either = { kind: ['invalidResponse', 'network'] };

/** name, what fetch does, what the caller gets. */
const fetches = [
  ['throws an Error at once', raise(new Error(CANARY)), network],
  ['throws a TypeError at once', raise(new TypeError(CANARY)), network],
  ['throws a string at once', raise(CANARY), network],
  ['throws undefined at once', raise(undefined), network],
  ['throws null at once', raise(null), network],
  ['throws an object whose message throws', raise(getter('message', raise(CANARY))), network],
  [
    'throws a frozen proxy',
    raise(new Proxy(Object.freeze({}), { get: raise(CANARY), getPrototypeOf: raise(CANARY) })),
    network,
  ],
  [
    'rejects with an Error',
    async () => {
      throw new Error(CANARY);
    },
    network,
  ],
  [
    'rejects with a TypeError that has a cause',
    async () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: new Error(CANARY) });
    },
    network,
  ],
  ['rejects with a string', () => Promise.reject(CANARY), network],
  ['rejects with undefined', () => Promise.reject(undefined), network],
  ['rejects with null', () => Promise.reject(null), network],
  ['rejects with a number', () => Promise.reject(42), network],
  ['rejects with a symbol', () => Promise.reject(Symbol(CANARY)), network],
  [
    'rejects with its own AbortError though nobody aborted',
    () => Promise.reject(Object.assign(new Error(CANARY), { name: 'AbortError' })),
    network,
  ],
  ['answers undefined', () => undefined, either],
  ['answers null', () => null, either],
  ['answers 42', () => 42, either],
  ['answers a string', () => CANARY, either],
  ['answers a symbol', () => Symbol(CANARY), either],
  ['answers an empty object', () => ({}), either],
  [
    'answers itself',
    function self() {
      return self;
    },
    either,
  ],
  ['answers a promise of undefined', async () => undefined, either],
  ['answers a promise of null', async () => null, either],
  ['answers a promise of junk', async () => 'junk', either],
  ['answers a promise of an empty object', async () => ({}), either],
  ['answers a thenable whose then throws', () => ({ then: raise(new Error(CANARY)) }), either],
  ['answers a thenable whose getter throws', () => getter('then', raise(CANARY)), either],
  [
    'answers a thenable that rejects with a string',
    () => ({ then: (_, reject) => reject(CANARY) }),
    network,
  ],
  [
    'answers a thenable that settles twice',
    () => ({
      then: (resolve, reject) => {
        reject(CANARY);
        resolve(answer({}));
        reject(CANARY);
      },
    }),
    network,
  ],
  [
    'answers with a status that throws',
    async () => getter('status', raise(CANARY), like({ status: undefined })),
    either,
  ],
  ['answers with headers that throw', async () => getter('headers', raise(CANARY), like()), either],
  [
    'answers with headers whose get throws',
    async () => like({ headers: { get: raise(CANARY) } }),
    either,
  ],
  [
    'answers with a body that throws',
    async () => getter('body', raise(CANARY), getter('text', raise(CANARY), like())),
    either,
  ],
  [
    'answers a proxy that throws at every touch',
    async () =>
      new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : raise(CANARY)()) }),
    either,
  ],
  ...[
    Number.NaN,
    '200',
    -1,
    0,
    99,
    1000,
    200.5,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
    2n ** 70n,
  ].map((status) => [
    `answers with the status ${typeof status} ${String(status).slice(0, 16)}`,
    async () => like({ status }),
    either,
  ]),
  [
    'answers with a body that is no stream',
    async () => like({ body: 42, text: undefined, json: undefined, arrayBuffer: undefined }),
    either,
  ],
  [
    'answers with a body whose getReader throws',
    async () => like({ body: { getReader: raise(CANARY) } }),
    either,
  ],
  [
    'answers with a reader that gives junk',
    async () =>
      like({
        body: {
          getReader: () => ({ read: async () => 42, cancel: async () => {}, releaseLock() {} }),
        },
      }),
    either,
  ],
  [
    'answers with a reader that gives no bytes',
    async () =>
      like({
        body: {
          getReader: () => ({
            read: async () => ({ done: false, value: CANARY }),
            cancel: async () => {},
            releaseLock() {},
          }),
        },
      }),
    either,
  ],
  [
    'answers with a reader whose read throws',
    async () =>
      like({
        body: {
          getReader: () => ({
            read: raise(CANARY),
            cancel: raise(CANARY),
            releaseLock: raise(CANARY),
          }),
        },
      }),
    either,
  ],
  [
    'answers an opaque redirect',
    async () => like({ type: 'opaqueredirect', status: 0, ok: false }),
    junk,
  ],
  ['answers an opaque response', async () => like({ type: 'opaque', status: 0, ok: false }), junk],
  ['answers Response.error()', async () => Response.error(), either],
  ...[300, 301, 302, 303, 304, 307, 308].map((status) => [
    `answers ${status}`,
    async () =>
      new Response(null, { status, headers: { location: `https://evil.test/${CANARY}` } }),
    junk,
  ]),
];

/** Headers of a good answer may be odd without harm: they are a help, not the answer. */
const oddHeaders = [
  ['missing', undefined],
  ['null', null],
  ['a plain object', {}],
  ['with a get that gives numbers', { get: () => 42 }],
  ['with a get that gives objects', { get: () => ({}) }],
];

const misbehaves = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      for (const [what, behave, expected] of fetches) {
        test(`${entry} ${operation}: fetch ${what}`, async () => {
          const fetch = recordingFetch(behave);
          const error = await rejects(() => call({ fetch, retry: false }), expected);
          equal(fetch.calls.length, 1, 'requests');
          ok(
            error.operation === operation || operation === 'exchangeSession',
            `operation is ${error.operation}`,
          );
          equal(error.attempts, 1, 'attempts');
        });
      }
      test(`${entry} ${operation}: works after all that`, () =>
        resolves(() =>
          call({ fetch: recordingFetch(async (url, init) => healthyService(url, init)) }),
        ));
      test(`${entry} ${operation}: a redirect is neither followed nor tried again`, async () => {
        const fetch = recordingFetch(
          async () =>
            new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }),
        );
        await rejects(() => call({ fetch, retry: { baseDelayMs: 1, maxDelayMs: 1 } }), {
          ...junk,
          attempts: 1,
          status: 302,
        });
        equal(fetch.calls.length, 1, 'requests');
      });
    }
    const session = operations(api)[0].call;
    for (const [what, headers] of oddHeaders) {
      test(`${entry}: headers that are ${what}`, async () => {
        const fetch = async (url, init) => {
          const real = healthyService(url, init);
          return {
            status: 200,
            type: 'basic',
            ok: true,
            headers,
            body: real.body,
            bodyUsed: false,
            text: () => real.text(),
            arrayBuffer: () => real.arrayBuffer(),
          };
        };
        equal((await resolves(() => session({ fetch }))).userId, 'ada', 'userId');
        await rejects(
          () =>
            session({ fetch: async () => ({ ...like({ headers, status: 503 }) }), retry: false }),
          {
            kind: 'server',
            status: 503,
          },
        );
      });
    }
    test(`${entry}: fetch is no function at the time of the call`, () =>
      replaced(globalThis, 'fetch', undefined, () =>
        rejects(() => session({ retry: false }), { kind: ['unsupported', 'config', 'network'] }),
      ));
    test(`${entry}: a fetch that calls the library again from within`, async () => {
      let depth = 0;
      const fetch = async (url, init) => {
        if (depth++ < 3) await resolves(() => session({ fetch }));
        return healthyService(url, init);
      };
      await resolves(() => session({ fetch }));
      equal(depth, 4, 'calls');
    });
    test(`${entry}: a fetch that changes the options and the request under way`, async () => {
      const options = { region: 'eu', apiKey: 'ak', retry: false };
      const request = { userId: 'ada', deviceId: 'dev-1' };
      options.fetch = async (url, init) => {
        options.region = 42;
        request.userId = 'eve';
        request.deviceId = 'dev-2';
        return healthyService(url, init);
      };
      const session = await resolves(() => api.createSession(options, request));
      equal(session.userId, 'ada', 'the session is the one that was asked for: userId');
      equal(session.deviceId, 'dev-1', 'the session is the one that was asked for: deviceId');
    });
    test(`${entry}: another user's session is never handed over`, () =>
      rejects(
        () =>
          session({
            fetch: async () => healthyService('', { method: 'POST', body: '{"userId":"eve"}' }),
            retry: false,
          }),
        junk,
      ));
  }
};

const prototypes = ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    test(`${entry}: an answer with __proto__ reaches no prototype`, async () => {
      const body =
        '{"accessToken":"t","__proto__":{"spoiled":1},"users":[{"userId":"ada","__proto__":{"spoiled":1,"isGlobalBan":true},' +
        '"constructor":{"prototype":{"spoiled":1}}}]}';
      const session = await resolves(() =>
        operations(api)[0].call({ fetch: async () => answer(body) }),
      );
      if ({}.spoiled !== undefined || Object.prototype.spoiled !== undefined)
        fail('Object.prototype was spoiled');
      equal(session.user.isGlobalBan, false, 'isGlobalBan');
    });
  }
};

export default (context) => [misbehaves, prototypes].forEach((part) => part(context));

// Tests a `fetch` that misbehaves in many ways. Each call rejects with a typed error that does not
// repeat the thrown value, and the next call succeeds. Also tests unusual headers and prototypes.
import { equal, fail, ok, withReplaced } from './harness.mjs';
import {
  CANARY,
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';

const createThrower = (value) => () => {
  throw value;
};
const addGetter = (name, get, rest = {}) =>
  Object.defineProperty({ ...rest }, name, { get, enumerable: true });
const createResponseLike = (changes) => ({
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
  ...changes,
});

const networkError = { kind: 'network', retryable: true };
const invalidResponse = { kind: 'invalidResponse', retryable: false };
const eitherError = { kind: ['invalidResponse', 'network'] };

/** Each row holds a description, the behaviour of `fetch`, and the expected error. */
const MISBEHAVIOURS = [
  ['throws an Error synchronously', createThrower(new Error(CANARY)), networkError],
  ['throws a TypeError synchronously', createThrower(new TypeError(CANARY)), networkError],
  ['throws a string synchronously', createThrower(CANARY), networkError],
  ['throws undefined synchronously', createThrower(undefined), networkError],
  ['throws null synchronously', createThrower(null), networkError],
  [
    'throws an object with a throwing message getter',
    createThrower(addGetter('message', createThrower(CANARY))),
    networkError,
  ],
  [
    'throws a frozen proxy',
    createThrower(
      new Proxy(Object.freeze({}), {
        get: createThrower(CANARY),
        getPrototypeOf: createThrower(CANARY),
      }),
    ),
    networkError,
  ],
  [
    'rejects with an Error',
    async () => {
      throw new Error(CANARY);
    },
    networkError,
  ],
  [
    'rejects with a TypeError that has a cause',
    async () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: new Error(CANARY) });
    },
    networkError,
  ],
  ['rejects with a string', () => Promise.reject(CANARY), networkError],
  ['rejects with undefined', () => Promise.reject(undefined), networkError],
  ['rejects with null', () => Promise.reject(null), networkError],
  ['rejects with a number', () => Promise.reject(42), networkError],
  ['rejects with a symbol', () => Promise.reject(Symbol(CANARY)), networkError],
  [
    'rejects with an AbortError without an abort',
    () => Promise.reject(Object.assign(new Error(CANARY), { name: 'AbortError' })),
    networkError,
  ],
  ['returns undefined', () => undefined, eitherError],
  ['returns null', () => null, eitherError],
  ['returns a number', () => 42, eitherError],
  ['returns a string', () => CANARY, eitherError],
  ['returns a symbol', () => Symbol(CANARY), eitherError],
  ['returns an empty object', () => ({}), eitherError],
  [
    'returns itself',
    function self() {
      return self;
    },
    eitherError,
  ],
  ['resolves with undefined', async () => undefined, eitherError],
  ['resolves with null', async () => null, eitherError],
  ['resolves with a string', async () => 'junk', eitherError],
  ['resolves with an empty object', async () => ({}), eitherError],
  [
    'returns a thenable whose then throws',
    () => ({ then: createThrower(new Error(CANARY)) }),
    eitherError,
  ],
  [
    'returns an object with a throwing then getter',
    () => addGetter('then', createThrower(CANARY)),
    eitherError,
  ],
  [
    'returns a thenable that rejects with a string',
    () => ({ then: (_, reject) => reject(CANARY) }),
    networkError,
  ],
  [
    'returns a thenable that settles twice',
    () => ({
      then: (resolve, reject) => {
        reject(CANARY);
        resolve(createResponse({}));
        reject(CANARY);
      },
    }),
    networkError,
  ],
  [
    'resolves with a response whose status throws',
    async () =>
      addGetter('status', createThrower(CANARY), createResponseLike({ status: undefined })),
    eitherError,
  ],
  [
    'resolves with a response whose headers throw',
    async () => addGetter('headers', createThrower(CANARY), createResponseLike()),
    eitherError,
  ],
  [
    'resolves with headers whose get throws',
    async () => createResponseLike({ headers: { get: createThrower(CANARY) } }),
    eitherError,
  ],
  [
    'resolves with a response whose body throws',
    async () =>
      addGetter(
        'body',
        createThrower(CANARY),
        addGetter('text', createThrower(CANARY), createResponseLike()),
      ),
    eitherError,
  ],
  [
    'resolves with a proxy that throws on every access',
    async () =>
      new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : createThrower(CANARY)()) }),
    eitherError,
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
    `resolves with the status ${typeof status} ${String(status).slice(0, 16)}`,
    async () => createResponseLike({ status }),
    eitherError,
  ]),
  [
    'resolves with a body that is a number',
    async () =>
      createResponseLike({ body: 42, text: undefined, json: undefined, arrayBuffer: undefined }),
    eitherError,
  ],
  [
    'resolves with a body whose getReader throws',
    async () => createResponseLike({ body: { getReader: createThrower(CANARY) } }),
    eitherError,
  ],
  [
    'resolves with a reader that returns numbers',
    async () =>
      createResponseLike({
        body: {
          getReader: () => ({ read: async () => 42, cancel: async () => {}, releaseLock() {} }),
        },
      }),
    eitherError,
  ],
  [
    'resolves with a reader that returns strings',
    async () =>
      createResponseLike({
        body: {
          getReader: () => ({
            read: async () => ({ done: false, value: CANARY }),
            cancel: async () => {},
            releaseLock() {},
          }),
        },
      }),
    eitherError,
  ],
  [
    'resolves with a reader whose read throws',
    async () =>
      createResponseLike({
        body: {
          getReader: () => ({
            read: createThrower(CANARY),
            cancel: createThrower(CANARY),
            releaseLock: createThrower(CANARY),
          }),
        },
      }),
    eitherError,
  ],
  [
    'resolves with an opaque redirect',
    async () => createResponseLike({ type: 'opaqueredirect', status: 0, ok: false }),
    invalidResponse,
  ],
  [
    'resolves with an opaque response',
    async () => createResponseLike({ type: 'opaque', status: 0, ok: false }),
    invalidResponse,
  ],
  ['resolves with Response.error()', async () => Response.error(), eitherError],
  ...[300, 301, 302, 303, 304, 307, 308].map((status) => [
    `resolves with a ${status}`,
    async () =>
      new Response(null, { status, headers: { location: `https://evil.test/${CANARY}` } }),
    invalidResponse,
  ]),
];

/** Unusual headers that do not prevent reading a response. */
const oddHeaders = [
  ['missing', undefined],
  ['null', null],
  ['a plain object', {}],
  ['an object whose get returns numbers', { get: () => 42 }],
  ['an object whose get returns objects', { get: () => ({}) }],
];

const testMisbehaviours = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      for (const [what, misbehave, expected] of MISBEHAVIOURS) {
        test(`${entry} ${operation} rejects if fetch ${what}`, async () => {
          const fetch = createRecordingFetch(misbehave);
          const error = await rejects(() => call({ fetch, retry: false }), expected);
          equal(fetch.calls.length, 1, 'requests');
          ok(
            error.operation === operation || operation === 'exchangeSession',
            `operation is ${error.operation}`,
          );
          equal(error.attempts, 1, 'attempts');
        });
      }
      test(`${entry} ${operation} succeeds after all these faults`, () =>
        resolves(() =>
          call({ fetch: createRecordingFetch(async (url, init) => respondWithSuccess(url, init)) }),
        ));
      test(`${entry} ${operation} neither follows a redirect nor retries after one`, async () => {
        const fetch = createRecordingFetch(
          async () =>
            new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }),
        );
        await rejects(() => call({ fetch, retry: { baseDelayMs: 1, maxDelayMs: 1 } }), {
          ...invalidResponse,
          attempts: 1,
          status: 302,
        });
        equal(fetch.calls.length, 1, 'requests');
      });
    }
    const createSession = listOperations(api)[0].call;
    for (const [what, headers] of oddHeaders) {
      test(`${entry} reads a response with headers that are ${what}`, async () => {
        const fetch = async (url, init) => {
          const real = respondWithSuccess(url, init);
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
        equal((await resolves(() => createSession({ fetch }))).userId, 'ada', 'userId');
        await rejects(
          () =>
            createSession({
              fetch: async () => ({ ...createResponseLike({ headers, status: 503 }) }),
              retry: false,
            }),
          {
            kind: 'server',
            status: 503,
          },
        );
      });
    }
    test(`${entry} rejects if the global fetch is missing`, () =>
      withReplaced(globalThis, 'fetch', undefined, () =>
        rejects(() => createSession({ retry: false }), {
          kind: ['unsupported', 'config', 'network'],
        }),
      ));
    test(`${entry} supports a fetch that calls the library`, async () => {
      let depth = 0;
      const fetch = async (url, init) => {
        if (depth++ < 3) await resolves(() => createSession({ fetch }));
        return respondWithSuccess(url, init);
      };
      await resolves(() => createSession({ fetch }));
      equal(depth, 4, 'calls');
    });
    test(`${entry} ignores changes of the options and the request during a call`, async () => {
      const options = { region: 'eu', apiKey: 'ak', retry: false };
      const request = { userId: 'ada', deviceId: 'dev-1' };
      options.fetch = async (url, init) => {
        options.region = 42;
        request.userId = 'eve';
        request.deviceId = 'dev-2';
        return respondWithSuccess(url, init);
      };
      const session = await resolves(() => api.createSession(options, request));
      equal(session.userId, 'ada', 'userId');
      equal(session.deviceId, 'dev-1', 'deviceId');
    });
    test(`${entry} rejects a session of another user`, () =>
      rejects(
        () =>
          createSession({
            fetch: async () => respondWithSuccess('', { method: 'POST', body: '{"userId":"eve"}' }),
            retry: false,
          }),
        invalidResponse,
      ));
  }
};

const testPrototypes = ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    test(`${entry} does not pollute prototypes if a response contains __proto__`, async () => {
      const body =
        '{"accessToken":"t","__proto__":{"polluted":1},"users":[{"userId":"ada",' +
        '"__proto__":{"polluted":1,"isGlobalBan":true},' +
        '"constructor":{"prototype":{"polluted":1}}}]}';
      const session = await resolves(() =>
        listOperations(api)[0].call({ fetch: async () => createResponse(body) }),
      );
      if ({}.polluted !== undefined || Object.prototype.polluted !== undefined)
        fail('Object.prototype was polluted');
      equal(session.user.isGlobalBan, false, 'isGlobalBan');
    });
  }
};

export default (context) => [testMisbehaviours, testPrototypes].forEach((part) => part(context));

// Tests the public functions with hostile arguments: revoked proxies, throwing getters, symbols,
// BigInts and objects that only resemble a signal. A call may succeed, but if it fails, its
// error must be a `SocialPlusError`, must not contain a secret, and must not stay unhandled.
import { fail, ok, containsSecret } from './harness.mjs';
import {
  ACCESS_TOKEN,
  API_KEY,
  CANARY,
  REFRESH_TOKEN,
  SERVER_KEY,
  collectLogText,
  createRecordingFetch,
  createResponse,
  listEntries,
} from './helpers.mjs';
import { withWorld } from './session-world.mjs';

const throwCanary = () => {
  throw new Error(CANARY);
};
const createRevoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

/** Each row holds a description and a value that hardly any parameter expects. */
const VALUES = [
  ['a revoked proxy', createRevoked({})],
  ['a revoked proxy of a list', createRevoked([])],
  ['a revoked proxy of a function', createRevoked(() => {})],
  ['a proxy that throws', new Proxy({}, { get: throwCanary, ownKeys: throwCanary })],
  ['a symbol', Symbol(CANARY)],
  ['a BigInt', 1n],
  ['an object without a prototype', Object.create(null)],
  [
    'an object that throws when converted to a primitive',
    { valueOf: throwCanary, toString: throwCanary },
  ],
  ['a list', [CANARY]],
  ['a list whose properties throw', new Proxy([], { get: throwCanary })],
];

const createSignal = (changes) => ({
  aborted: false,
  addEventListener() {},
  removeEventListener() {},
  ...changes,
});
/** Like `VALUES`, for a parameter that expects a signal. */
const SIGNALS = [
  ['a signal without removeEventListener', createSignal({ removeEventListener: undefined })],
  ['a signal without methods', { aborted: false }],
  ['a signal whose addEventListener throws', createSignal({ addEventListener: throwCanary })],
  ['a signal whose removeEventListener throws', createSignal({ removeEventListener: throwCanary })],
  [
    'a signal whose addEventListener is a revoked proxy',
    createSignal({ addEventListener: createRevoked(() => {}) }),
  ],
  [
    'a signal whose state cannot be read',
    Object.defineProperty(createSignal(), 'aborted', { get: throwCanary }),
  ],
];

/** Copies an object and gives the copy a property, which is a getter if `get` is given. */
const withProperty = (object, name, value, get) =>
  Object.defineProperty({ ...object }, name, {
    configurable: true,
    enumerable: true,
    ...(get ? { get } : { value }),
  });

/** Returns rows like those of `VALUES`: copies of an object, each with one hostile property. */
const listVariants = (object, names) =>
  names.flatMap((name) => [
    [`a getter of ${name} that throws`, withProperty(object, name, undefined, throwCanary)],
    ...[...VALUES, ...(name === 'signal' ? SIGNALS : [])].map(([what, value]) => [
      `${name}: ${what}`,
      withProperty(object, name, value),
    ]),
  ]);

/**
 * Asserts that the call succeeds, or that it throws or rejects with a `SocialPlusError` without a
 * secret.
 */
const assertTyped = async ({ SocialPlusError }, call, what) => {
  let error;
  try {
    await call();
    return;
  } catch (thrown) {
    error = thrown;
  }
  let isTyped = false;
  try {
    isTyped = SocialPlusError.is(error);
  } catch {
    // `is` threw, so `error` does not count as typed.
  }
  if (!isTyped) fail(`${what}: threw ${Object.prototype.toString.call(error)}: ${error?.message}`);
  ok(!containsSecret(collectLogText(error)), `${what}: the error contains a secret`);
};

const OPTION_NAMES = [
  'region',
  'endpoint',
  'apiVersion',
  'sessionApiVersion',
  'apiKey',
  'serverKey',
  'adminToken',
  'timeoutMs',
  'retry',
  'fetch',
  'onEvent',
];
const REQUEST_NAMES = [
  'userId',
  'deviceId',
  'displayName',
  'profileHandle',
  'authToken',
  'refreshToken',
  'username',
  'authSignature',
  'deviceInfo',
  'events',
  'enabled',
  'serverKey',
  'signal',
];

const CALL_NAME =
  /^(create\w*(Session|Token)|verifySession|(revoke|exchange|refresh|issue|get|set)[A-Z]\w+)$/;

const testCalls = (test, lib) => {
  for (const [entry, api] of listEntries(lib)) {
    const options = {
      region: 'eu',
      apiKey: API_KEY,
      serverKey: SERVER_KEY,
      adminToken: ACCESS_TOKEN,
      retry: false,
      fetch: createRecordingFetch(),
    };
    const request = { userId: 'ada', deviceId: 'dev-1', refreshToken: REFRESH_TOKEN };
    const names = Object.keys(api).filter((name) => CALL_NAME.test(name));
    for (const name of names) {
      const call = (...args) =>
        /^(verify|revoke)Session$/.test(name)
          ? api[name](args[0], ACCESS_TOKEN, args[1])
          : api[name](...args);
      test(`${entry} ${name}: hostile options and requests cause only typed errors`, async () => {
        for (const [what, value] of [...VALUES, ...listVariants(options, OPTION_NAMES)])
          await assertTyped(api, () => call(value, request), `options: ${what}`);
        for (const [what, value] of [...VALUES, ...listVariants(request, REQUEST_NAMES)])
          await assertTyped(api, () => call(options, value), `request: ${what}`);
      });
    }
  }
};

const testEdge = (test, { edge }) => {
  if (!edge) return;
  test('signVisitor and verifyWebhook: hostile arguments cause only typed errors', async () => {
    for (const [what, value] of [
      ...VALUES,
      ...listVariants({ visitorSecret: 's', secret: 's' }, ['visitorSecret', 'secret']),
    ]) {
      await assertTyped(edge, () => edge.signVisitor(value, { deviceId: 'd' }), what);
      await assertTyped(edge, () => edge.verifyWebhook(value, { body: '' }), what);
    }
    for (const [what, value] of [
      ...VALUES,
      ...listVariants({ deviceId: 'd' }, ['deviceId', 'expiresInMs', 'now', 'body', 'signature']),
    ]) {
      await assertTyped(edge, () => edge.signVisitor({ visitorSecret: 's' }, value), what);
      await assertTyped(edge, () => edge.verifyWebhook({ secret: 's' }, value), what);
    }
  });
  test('createAuthHandler: hostile options cause only typed errors', async () => {
    const options = { region: 'eu', serverKey: SERVER_KEY, authenticate: async () => null };
    const names = [
      ...OPTION_NAMES,
      'visitorSecret',
      'authenticate',
      'allowedOrigins',
      'allowNonBrowser',
      'rateLimit',
      'allowUnlimitedVisitors',
      'clientIp',
      'basePath',
    ];
    for (const [what, value] of [...VALUES, ...listVariants(options, names)])
      await assertTyped(edge, () => edge.createAuthHandler(value), what);
    await assertTyped(
      edge,
      () => edge.createAuthHandler({ ...options, allowedOrigins: [createRevoked({})] }),
      'an origin that is a revoked proxy',
    );
  });
};

const testClients = (test, lib) => {
  const { SessionClient } = lib.browser;
  test(
    'a new client: hostile options cause only typed errors',
    withWorld(lib, {}, async (world) => {
      const names = [
        ...OPTION_NAMES,
        'deviceId',
        'namespace',
        'storage',
        'clock',
        'authTokenFrom',
        'visitorSignatureFrom',
        'deviceInfo',
      ];
      const create = (options) => async () => {
        const client = new SessionClient(options);
        try {
          await client.resume();
        } finally {
          await client.close();
        }
      };
      for (const [what, options] of [...VALUES, ...listVariants(world.createOptions(), names)])
        await assertTyped(lib.browser, create(options), what);
      for (const name of ['now', 'monotonic', 'setTimeout', 'clearTimeout']) {
        const clock = withProperty(world.clock, name, undefined, throwCanary);
        const options = { ...world.createOptions(), clock };
        await assertTyped(lib.browser, create(options), `clock: a getter of ${name} that throws`);
      }
      for (const name of ['authTokenFrom', 'visitorSignatureFrom', 'storage']) {
        const value = Object.defineProperties(
          {},
          { href: { get: throwCanary }, getItem: { get: throwCanary } },
        );
        const options = { ...world.createOptions(), [name]: value };
        await assertTyped(lib.browser, create(options), `${name}: its getters throw`);
      }
    }),
  );
  const calls = [
    ['resume', ['signal']],
    ['login', ['userId', 'displayName', 'authToken', 'signal'], { userId: 'ada' }],
    ['loginAsVisitor', ['signal']],
    ['loginAsBot', ['signal']],
    ['loginWithSession', ['accessToken', 'userId', 'deviceId', 'users']],
    ['accessToken', ['minValidityMs', 'signal']],
    ['renew', ['signal']],
    ['logout', ['revoke', 'signal']],
    ['secureLogout', ['signal']],
    ['states', ['signal']],
  ];
  const openClients = {
    'a client that is signed in': (world) => world.signIn(),
    'a new client': (world) => world.createClient(),
    'a closed client': async (world) => {
      const client = world.createClient();
      await client.close();
      return client;
    },
    'a client with an invalid region': (world) =>
      world.createClient({ endpoint: undefined, region: 'mars' }),
  };
  for (const [which, open] of Object.entries(openClients)) {
    for (const [name, names, valid] of calls) {
      test(
        `${name} of ${which}: hostile arguments cause only typed errors`,
        withWorld(lib, {}, async (world) => {
          const client = await open(world);
          for (const [what, value] of [...VALUES, ...listVariants(valid, names)])
            await assertTyped(lib.browser, () => client[name](value), what);
        }),
      );
    }
    test(
      `fetch of ${which}: hostile arguments cause only typed errors`,
      withWorld(lib, {}, async (world) => {
        const client = await open(world);
        // The world responds instead of the emulator, which would create a `Request` with the
        // hostile signal. Some engines keep such a signal and call its methods much later.
        world.respond = (url, init, path) => (path === '/x' ? createResponse({}) : undefined);
        for (const [what, value] of VALUES)
          await assertTyped(lib.browser, () => client.fetch(value), `input: ${what}`);
        const names = ['method', 'headers', 'body', 'signal', 'cache', 'redirect'];
        for (const [what, value] of [...VALUES, ...listVariants({}, names)])
          await assertTyped(lib.browser, () => client.fetch('/x', value), `init: ${what}`);
        const input = new Request('https://emulator.test/x');
        for (const name of ['clone', 'url', 'headers', 'method', 'signal']) {
          const request = Object.defineProperty(input.clone(), name, { get: throwCanary });
          await assertTyped(lib.browser, () => client.fetch(request), `a getter of ${name}`);
        }
      }),
    );
  }
  test(
    'an authTokenFrom that throws a revoked proxy causes only a typed error',
    withWorld(lib, { secureMode: true }, async (world) => {
      const authTokenFrom = () => {
        throw createRevoked({});
      };
      const client = world.createClient({ authTokenFrom });
      await assertTyped(lib.browser, () => client.login({ userId: 'ada' }), 'login');
      ok(!lib.browser.SocialPlusError.is(createRevoked({})), 'is() accepted a revoked proxy');
    }),
  );
};

const testEmulator = (test, { emulator }) => {
  test('the emulator: hostile arguments cause only typed errors', async () => {
    const { createEmulator } = emulator;
    const names = ['seed', 'now', 'secureMode', 'admins', 'allowOrigins', 'onRequest', 'apiKey'];
    for (const [what, value] of [...VALUES, ...listVariants({}, names)])
      await assertTyped(emulator, () => createEmulator(value), `createEmulator: ${what}`);
    const service = await createEmulator({ secureMode: true });
    for (const [what, value] of VALUES) {
      await assertTyped(emulator, () => service.clock.advance(value), `clock.advance: ${what}`);
      await assertTyped(emulator, () => service.clock.set(value), `clock.set: ${what}`);
      await assertTyped(emulator, () => service.banUser(value), `banUser: ${what}`);
      await assertTyped(emulator, () => service.unbanUser(value), `unbanUser: ${what}`);
      await assertTyped(emulator, () => service.deleteUser(value), `deleteUser: ${what}`);
      await assertTyped(emulator, () => service.setSecureMode(value), `setSecureMode: ${what}`);
    }
    const faultNames = ['path', 'status', 'times', 'delayMs', 'drop', 'body', 'headers'];
    for (const [what, value] of [...VALUES, ...listVariants({}, faultNames)]) {
      await assertTyped(emulator, () => service.faults.add(value), `faults.add: ${what}`);
      service.faults.clear();
    }
    const certificateNames = ['name', 'csr', 'notAfter'];
    for (const [what, value] of [...VALUES, ...listVariants({ name: 'n' }, certificateNames)])
      await assertTyped(emulator, () => service.createCertificate(value), `certificate: ${what}`);
  });
};

export default ({ test, lib }) => {
  testCalls(test, lib);
  testEdge(test, lib);
  testClients(test, lib);
  testEmulator(test, lib);
};

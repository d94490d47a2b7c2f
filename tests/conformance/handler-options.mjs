// Tests the options of createAuthHandler. The function throws immediately if an option is invalid,
// and copies valid options.
import { equal, fail, ok, containsSecret } from './harness.mjs';
import { APP_ORIGIN } from './handler-helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const testOptions = (test, lib) => {
  const { createAuthHandler } = lib.edge;
  const valid = { region: 'eu', serverKey: 'sk', authenticate: async () => null };
  test('requires only a region, a server key and authenticate', () => {
    equal(typeof createAuthHandler(valid), 'function', 'type of the handler');
    createAuthHandler({ ...valid, visitorSecret: 'vs', rateLimit: async () => true });
    createAuthHandler({ ...valid, visitorSecret: () => 'vs', allowUnlimitedVisitors: true });
    createAuthHandler({
      ...valid,
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
    'a server key that is a number': { serverKey: 42 },
    'no authenticate': { authenticate: undefined },
    'an authenticate that is a string': { authenticate: 'ada' },
    'a rateLimit that is a boolean': { rateLimit: true },
    'a clientIp that is a string': { clientIp: 'cf-connecting-ip' },
    'a fetch that is a string': { fetch: 'fetch' },
    'an onEvent that is an object': { onEvent: {} },
    'neither region nor endpoint': { region: undefined },
    'a region that is a number': { region: 1 },
    'an API key that is a number': { apiKey: 1 },
    'an allowNonBrowser that is a string': { allowNonBrowser: 'false' },
    'an allowNonBrowser that is a number': { allowNonBrowser: 1 },
    'an allowUnlimitedVisitors that is a string': {
      visitorSecret: 'vs',
      allowUnlimitedVisitors: 'false',
    },
    'an allowUnlimitedVisitors that is a string, together with rateLimit': {
      visitorSecret: 'vs',
      rateLimit: async () => true,
      allowUnlimitedVisitors: 'no',
    },
    'a visitor secret that is a number': { visitorSecret: 1, rateLimit: async () => true },
    'a visitor secret without rateLimit': { visitorSecret: 'vs' },
    'a visitor secret from a function without rateLimit': { visitorSecret: () => 'vs' },
    'the wildcard origin': { allowedOrigins: ['*'] },
    'allowedOrigins that is a string': { allowedOrigins: 'https://app.example' },
    'an origin with a trailing slash': { allowedOrigins: ['https://app.example/'] },
    'an origin with a path': { allowedOrigins: ['https://app.example/page'] },
    'an origin with a wildcard': { allowedOrigins: ['https://*.example'] },
    'an origin with a capital letter': { allowedOrigins: ['https://App.example'] },
    'a host without a scheme': { allowedOrigins: ['app.example'] },
    'the origin null': { allowedOrigins: ['null'] },
    'an origin that is null': { allowedOrigins: [null] },
    'a base path without a leading slash': { basePath: 'auth' },
    'a base path with a trailing slash': { basePath: '/auth/' },
    'a base path with a query': { basePath: '/a/?b' },
    'a base path that is a number': { basePath: 42 },
    'a base path in an array': { basePath: ['/auth'] },
    'a timeout that is a string': { timeoutMs: '8s' },
    'a timeout of 0': { timeoutMs: 0 },
    'a negative timeout': { timeoutMs: -1 },
    'a timeout of NaN': { timeoutMs: NaN },
    'an infinite timeout': { timeoutMs: Infinity },
    'a timeout over the limit of timers': { timeoutMs: 2 ** 31 },
    'a retry option that is a string': { retry: 'often' },
  })) {
    test(`throws a config error for ${what}`, () => {
      let error;
      try {
        createAuthHandler(options && { ...valid, ...options });
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined) fail('createAuthHandler did not throw');
      ok(lib.edge.SocialPlusError.is(error), `threw ${error.name}`);
      ok(!containsSecret(error.message), 'the message contains a secret');
      equal(error.kind, 'config', `kind (${error.message})`);
      equal(error.operation, 'createAuthHandler', 'operation');
    });
  }
  test('later changes of the options object have no effect', async () => {
    const { service } = await startEmulator(lib);
    const options = {
      ...valid,
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
          new Request(`${APP_ORIGIN}/auth/token`, {
            method: 'POST',
            headers: { origin: APP_ORIGIN },
          }),
        )
      ).status,
      200,
      'status',
    );
    equal(service.requests[0].body, { userId: 'ada' }, 'body of the request');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testOptions(test, lib);
};

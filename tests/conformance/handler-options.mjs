// Tests the options of createAuthHandler. The function throws immediately if an option is invalid,
// and copies valid options.
import { equal, fail, ok, containsSecret } from './harness.mjs';
import { APP_ORIGIN } from './handler-helpers.mjs';
import { startEmulator } from './start-emulator.mjs';

const testOptions = (test, lib) => {
  const { createAuthHandler } = lib.edge;
  const valid = { region: 'eu', serverKey: 'sk', authenticate: async () => null };
  test('requires only a region, a server key and authenticate, and accepts more options', () => {
    equal(typeof createAuthHandler(valid), 'function', 'type of the handler');
    const limits = { rateLimit: async () => true, clientIp: () => '192.0.2.1' };
    createAuthHandler({ ...valid, visitorSecret: 'vs', ...limits });
    createAuthHandler({ ...valid, publicOrigin: 'https://app.example', rateLimitStage: 'both' });
    createAuthHandler({ ...valid, publicOrigin: ['http://[::1]:8080', 'https://a.example:444'] });
    createAuthHandler({ ...valid, visitorSecret: () => 'vs', allowUnlimitedVisitors: true });
    createAuthHandler({
      ...valid,
      basePath: undefined,
      timeoutMs: undefined,
      allowedOrigins: undefined,
      publicOrigin: undefined,
      allowedHeaders: undefined,
      rateLimitStage: undefined,
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
    'a missing region and endpoint': { region: undefined },
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
    'a visitor secret that is a number': { visitorSecret: 1, allowUnlimitedVisitors: true },
    'a visitor secret without rateLimit': { visitorSecret: 'vs' },
    'a visitor secret from a function without rateLimit': { visitorSecret: () => 'vs' },
    'a visitor secret with rateLimit but no address to limit by': {
      visitorSecret: 'vs',
      rateLimit: async () => true,
    },
    'a visitor secret with an address but no rateLimit': {
      visitorSecret: 'vs',
      clientIp: () => '192.0.2.1',
    },
    'a rate limit stage that does not exist': { rateLimitStage: 'during' },
    'a rate limit stage in an array': { rateLimitStage: ['before'] },
    'a public origin without a scheme': { publicOrigin: 'app.example' },
    'a public origin with a path': { publicOrigin: 'https://app.example/auth' },
    'a public origin that is empty': { publicOrigin: '' },
    'an array of public origins that contains null': { publicOrigin: [null] },
    'a public origin that is a number': { publicOrigin: 42 },
    'the public origin null': { publicOrigin: 'null' },
    'an allowedHeaders that is a string': { allowedHeaders: 'content-type' },
    'an allowed header with a line break': { allowedHeaders: ['a\r\nb'] },
    'the wildcard header': { allowedHeaders: ['*'] },
    'an origin with its default port': { allowedOrigins: ['https://app.example:443'] },
    'an http origin with its default port': { allowedOrigins: ['http://app.example:80'] },
    'an origin with a leading zero in the port': { allowedOrigins: ['https://a.example:08443'] },
    'an origin with a port out of range': { allowedOrigins: ['https://a.example:99999'] },
    'an origin with a short IP address': { allowedOrigins: ['http://127.1'] },
    'an origin with a long IPv6 address': { allowedOrigins: ['http://[0:0:0:0:0:0:0:1]'] },
    'an origin with a non-ASCII host': { allowedOrigins: ['https://bücher.example'] },
    'an origin with user info': { allowedOrigins: ['https://user@app.example'] },
    'an origin in a nested array': { allowedOrigins: [['https://app.example']] },
    'the wildcard origin': { allowedOrigins: ['*'] },
    'an allowedOrigins that is a string': { allowedOrigins: 'https://app.example' },
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
  test('later changes to the options object have no effect', async () => {
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
            headers: { origin: APP_ORIGIN, 'content-type': 'application/json' },
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

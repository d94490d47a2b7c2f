// `doctor` and the app's own auth routes: createAuthHandler on a port, whole or spoilt in one way.
import { createServer } from 'node:http';
import { createAuthHandler } from 'social-plus-auth/edge';
import { equal, match } from '../conformance/harness.mjs';
import { emulated, guardPrinted } from './command.mjs';
import { examined } from './doctor.mjs';

const PAGE = 'https://app.example';
/** Stands in addresses that are refused, and is never repeated. */
const PASSWORD = guardPrinted('hunter2-of-the-routes');

const serve = (handle) =>
  new Promise((resolve) => {
    const server = createServer(async (incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const body = ['GET', 'HEAD'].includes(method) ? undefined : Buffer.concat(chunks);
      const response = await handle(
        new Request(new URL(url, `http://${headers.host}`), { method, headers, body }),
      );
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const changed = (response, change) => {
  const headers = new Headers(response.headers);
  change(headers);
  return new Response(response.body, { status: response.status, headers });
};

const set = (name, value) => (response) =>
  changed(response, (headers) =>
    value === undefined ? headers.delete(name) : headers.set(name, value),
  );
const isPreflight = ({ method }) => method === 'OPTIONS';
const token = () =>
  Response.json(
    { authToken: guardPrinted('an-auth-token-for-anyone') },
    { headers: { 'cache-control': 'no-store' } },
  );

/** What stands between the handler and the doctor, the checks that fail, and those that warn. */
const FAULTS = [
  {
    fault: "the page's origin is not among the allowed ones",
    options: { allowedOrigins: [] },
    failed: ['authRoutes originRefused', 'cors corsOrigin'],
  },
  {
    fault: 'no access-control-allow-origin',
    spoil: set('access-control-allow-origin'),
    failed: ['cors corsOrigin'],
  },
  {
    fault: 'another access-control-allow-origin',
    spoil: set('access-control-allow-origin', `${PAGE}/`),
    failed: ['cors corsOrigin'],
  },
  {
    fault: 'every origin by *',
    spoil: set('access-control-allow-origin', '*'),
    failed: ['cors corsWildcard'],
  },
  {
    fault: 'no credentials',
    spoil: set('access-control-allow-credentials'),
    failed: ['cors corsCredentials'],
  },
  {
    fault: 'no credentials in the preflight',
    spoil: (response, request) =>
      isPreflight(request) ? set('access-control-allow-credentials', 'false')(response) : response,
    failed: ['cors corsCredentials'],
  },
  {
    fault: 'the preflight needs a sign-in',
    spoil: (response, request) =>
      isPreflight(request) ? new Response(null, { status: 401 }) : response,
    failed: ['cors preflightRefused'],
  },
  {
    fault: 'content-type is not allowed',
    spoil: set('access-control-allow-headers', 'accept'),
    failed: ['cors corsHeaders'],
  },
  {
    fault: 'content-type is allowed by *, which credentials make nothing of',
    spoil: set('access-control-allow-headers', '*'),
    failed: ['cors corsHeaders'],
  },
  { fault: 'no vary', spoil: set('vary'), failed: [], warnings: ['cors varyMissing'] },
  {
    fault: 'whatever origin asks is let in',
    spoil: (response, request) =>
      set('access-control-allow-origin', request.headers.get('origin'))(response),
    failed: ['strangers corsAnyOrigin'],
  },
  {
    fault: 'strangers are served, unread',
    spoil: (response, request) =>
      response.status === 403 ? new Response(null, { status: 401 }) : response,
    failed: [],
    warnings: ['strangers strangersServed'],
  },
  {
    fault: 'answers may be stored',
    spoil: set('cache-control', 'max-age=60'),
    failed: ['noStore cacheable'],
  },
  {
    fault: 'a token for anyone',
    spoil: (response) => (response.status === 401 ? token() : response),
    failed: ['authRoutes tokenForAnyone', 'cors corsOrigin'],
  },
  { fault: 'no such route', path: '/login', failed: ['authRoutes routesNotFound'] },
  {
    fault: "a single-page app's fallback",
    spoil: () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } }),
    failed: ['authRoutes routesArePage'],
  },
  {
    fault: 'the sign-in throws',
    options: { authenticate: () => Promise.reject(new Error('no database')) },
    failed: ['authRoutes routesFailing'],
  },
  {
    fault: 'too many requests',
    spoil: (response) =>
      response.status === 401
        ? changed(
            new Response(null, { ...response, status: 429, headers: response.headers }),
            () => {},
          )
        : response,
    failed: ['authRoutes routesRateLimited'],
  },
  {
    fault: 'unknown paths are answered',
    spoil: (response) => (response.status === 404 ? Response.json({}) : response),
    failed: [],
    warnings: ['unknownPath unknownPathAnswered'],
  },
  {
    fault: 'an origin with a slash at its end',
    origin: `${PAGE}/`,
    failed: ['authRoutes originMalformed'],
  },
  {
    fault: 'an address that is none',
    url: 'app.example/auth',
    failed: ['authRoutes authUrlRefused'],
  },
  {
    fault: 'a user in the address',
    url: 'https://user@app.invalid/auth',
    failed: ['authRoutes authUrlRefused'],
  },
  {
    fault: 'a user and a password in the address',
    url: `https://user:${PASSWORD}@app.invalid/auth`,
    failed: ['authRoutes authUrlRefused'],
  },
  {
    fault: 'a password in the address',
    url: `https://:${PASSWORD}@app.invalid/auth`,
    failed: ['authRoutes authUrlRefused'],
  },
  {
    fault: 'routes without TLS',
    url: 'http://app.example/auth',
    failed: ['authRoutes routesWithoutTls'],
  },
  {
    fault: 'an app that is not there',
    url: 'http://127.0.0.1:1/auth',
    failed: ['authRoutes unreachable'],
  },
];

export const doctorRoutes = ({ test }) => {
  const look = async ({ options, spoil, path = '/auth', origin = PAGE, url }) => {
    const { emulator, server: service, env } = await emulated();
    const handler = createAuthHandler({
      endpoint: service.url,
      serverKey: emulator.serverKey,
      authenticate: async () => null,
      allowedOrigins: [PAGE],
      ...options,
    });
    const app = await serve(async (request) => {
      const response = await handler(request);
      return spoil ? spoil(response, request) : response;
    });
    try {
      const named = origin === null ? [] : ['--origin', origin];
      return await examined(
        ['--auth-url', url ?? `http://127.0.0.1:${app.address().port}${path}`, ...named],
        env,
      );
    } finally {
      app.close();
      await service.close();
    }
  };
  test('routes: a createAuthHandler has nothing wrong with it', async () => {
    const found = await look({});
    equal([found.failed, found.warnings], [[], []], 'failed, warnings');
    equal(
      found.checks.slice(-5).map(({ name, status }) => `${name} ${status}`),
      ['authRoutes ok', 'noStore ok', 'cors ok', 'strangers ok', 'unknownPath ok'],
      'checks',
    );
  });
  test("routes: of the page's own origin, with a slash at the end of the address", async () => {
    const found = await look({ origin: null, path: '/auth/' });
    equal([found.failed, found.warnings], [[], []], 'failed, warnings');
    match(found.checks.find(({ name }) => name === 'cors').message, /needs no CORS/, 'cors');
  });
  for (const { fault, failed, warnings = [], ...rest } of FAULTS) {
    test(`routes: names it: ${fault}`, async () => {
      const found = await look(rest);
      equal(found.failed, failed, 'failed');
      equal(found.warnings, warnings, 'warnings');
    });
  }
};

// Tests `doctor` on the auth routes of an app. The app uses createAuthHandler, with at most one
// fault at a time.
import { createServer } from 'node:http';
import { createAuthHandler } from 'social-plus-auth/edge';
import { equal, match } from '../conformance/harness.mjs';
import { guard, startEmulator } from './command.mjs';
import { expectNoProblems, runDoctor } from './doctor.mjs';

const PAGE = 'https://app.example';
/** A password in addresses that `doctor` refuses. No message may repeat the password. */
const PASSWORD = guard('hunter2-of-the-routes');

/** Serves a fetch handler on a free port. */
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

/** Returns a `spoil` function that sets a header, or deletes it if no value is given. */
const setHeader = (name, value) => (response) => {
  const headers = new Headers(response.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
};

const isPreflight = ({ method }) => method === 'OPTIONS';

const createTokenResponse = () =>
  Response.json(
    { authToken: guard('an-auth-token-for-anyone') },
    { headers: { 'cache-control': 'no-store' } },
  );

/**
 * Each fault has a `title`. `failed` and `warnings` list the expected failures and warnings, each
 * as the name of a check and its fault. The other properties set up the fault: `options` go to the
 * handler, `spoil` changes its responses, and `path`, `origin` or `url` change the command line.
 */
const FAULTS = [
  {
    title: 'an origin that is not allowed',
    options: { allowedOrigins: [] },
    failed: ['authRoutes originRefused', 'cors corsOrigin'],
  },
  {
    title: 'a public origin that is not the origin of the routes',
    options: { publicOrigin: 'https://elsewhere.example' },
    origin: null,
    failed: ['authRoutes originRefused'],
  },
  {
    title: 'a missing access-control-allow-origin header',
    spoil: setHeader('access-control-allow-origin'),
    failed: ['cors corsOrigin'],
  },
  {
    title: 'an access-control-allow-origin header with a trailing slash',
    spoil: setHeader('access-control-allow-origin', `${PAGE}/`),
    failed: ['cors corsOrigin'],
  },
  {
    title: 'an access-control-allow-origin header with *',
    spoil: setHeader('access-control-allow-origin', '*'),
    failed: ['cors corsWildcard'],
  },
  {
    title: 'a missing access-control-allow-credentials header',
    spoil: setHeader('access-control-allow-credentials'),
    failed: ['cors corsCredentials'],
  },
  {
    title: 'a preflight response that does not allow credentials',
    spoil: (response, request) =>
      isPreflight(request)
        ? setHeader('access-control-allow-credentials', 'false')(response)
        : response,
    failed: ['cors corsCredentials'],
  },
  {
    title: 'a preflight that requires a sign-in',
    spoil: (response, request) =>
      isPreflight(request) ? new Response(null, { status: 401 }) : response,
    failed: ['cors preflightRefused'],
  },
  {
    title: 'a preflight response that does not allow content-type',
    spoil: setHeader('access-control-allow-headers', 'accept'),
    failed: ['cors corsHeaders'],
  },
  {
    title: 'a preflight response that allows every header with *',
    spoil: setHeader('access-control-allow-headers', '*'),
    failed: ['cors corsHeaders'],
  },
  {
    title: 'a missing vary header',
    spoil: setHeader('vary'),
    failed: [],
    warnings: ['cors varyMissing'],
  },
  {
    title: 'an access-control-allow-origin header that is copied from the request',
    spoil: (response, request) =>
      setHeader('access-control-allow-origin', request.headers.get('origin'))(response),
    failed: ['strangers corsAnyOrigin'],
  },
  {
    title: 'an app that answers a foreign origin with 401 instead of 403',
    spoil: (response) => (response.status === 403 ? new Response(null, { status: 401 }) : response),
    failed: [],
    warnings: ['strangers strangersServed'],
  },
  {
    title: 'responses that caches may store',
    spoil: setHeader('cache-control', 'max-age=60'),
    failed: ['noStore cacheable'],
  },
  {
    title: 'a route that gives anyone a token',
    spoil: (response) => (response.status === 401 ? createTokenResponse() : response),
    failed: ['authRoutes tokenForAnyone', 'cors corsOrigin'],
  },
  { title: 'a wrong path', path: '/login', failed: ['authRoutes routesNotFound'] },
  {
    title: 'routes that return the page of a single-page app',
    spoil: () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } }),
    failed: ['authRoutes routesArePage'],
  },
  {
    title: 'a sign-in that throws',
    options: { authenticate: () => Promise.reject(new Error('no database')) },
    failed: ['authRoutes routesFailing'],
  },
  {
    title: 'a rate limit',
    spoil: (response) =>
      response.status === 401
        ? new Response(null, { status: 429, headers: response.headers })
        : response,
    failed: ['authRoutes routesRateLimited'],
  },
  {
    title: 'an app that returns 200 for unknown paths',
    spoil: (response) => (response.status === 404 ? Response.json({}) : response),
    failed: [],
    warnings: ['unknownPath unknownPathAnswered'],
  },
  {
    title: 'an origin with a trailing slash',
    origin: `${PAGE}/`,
    failed: ['authRoutes originMalformed'],
  },
  {
    title: 'an address without a scheme',
    url: 'app.example/auth',
    failed: ['authRoutes authUrlRefused'],
  },
  {
    title: 'a user name in the address',
    url: 'https://user@app.invalid/auth',
    failed: ['authRoutes authUrlRefused'],
  },
  {
    title: 'a user name and a password in the address',
    url: `https://user:${PASSWORD}@app.invalid/auth`,
    failed: ['authRoutes authUrlRefused'],
  },
  {
    title: 'a password in the address',
    url: `https://:${PASSWORD}@app.invalid/auth`,
    failed: ['authRoutes authUrlRefused'],
  },
  {
    title: 'routes without TLS',
    url: 'http://app.example/auth',
    failed: ['authRoutes routesWithoutTls'],
  },
  {
    title: 'an unreachable app',
    url: 'http://127.0.0.1:1/auth',
    failed: ['authRoutes unreachable'],
  },
];

/**
 * Runs `doctor` on the auth routes of a setup. If `origin` is `null`, passes no --origin. With
 * `isProxied`, the handler sees another scheme in the URL of a request than `doctor` used.
 */
const diagnoseRoutes = async (setup) => {
  const { options, spoil, path = '/auth', origin = PAGE, url, isProxied } = setup;
  const { emulator, server: service, env } = await startEmulator();
  const handler = createAuthHandler({
    endpoint: service.url,
    serverKey: emulator.serverKey,
    authenticate: async () => null,
    allowedOrigins: [PAGE],
    ...options,
  });
  const app = await serve(async (request) => {
    // The server behind a proxy sees another scheme than the browser.
    const seen = isProxied ? new Request(request.url.replace('http:', 'https:'), request) : request;
    const response = await handler(seen);
    return spoil ? spoil(response, request) : response;
  });
  try {
    const authUrl = url ?? `http://127.0.0.1:${app.address().port}${path}`;
    const originOption = origin === null ? [] : ['--origin', origin];
    return await runDoctor(['--auth-url', authUrl, ...originOption], env);
  } finally {
    app.close();
    await service.close();
  }
};

export const testDoctorRoutes = ({ test }) => {
  test('finds no problem with createAuthHandler', async () => {
    const report = await diagnoseRoutes({});
    expectNoProblems(report);
    equal(
      report.checks.slice(-5).map(({ name, status }) => `${name} ${status}`),
      ['authRoutes ok', 'noStore ok', 'cors ok', 'strangers ok', 'unknownPath ok'],
      'checks of the routes',
    );
  });
  test('skips the CORS check for the same origin, even with a slash after the path', async () => {
    const report = await diagnoseRoutes({ origin: null, path: '/auth/' });
    expectNoProblems(report);
    match(report.find('cors').message, /needs no CORS/, 'message of cors');
  });
  test('finds no problem with routes behind a proxy that changes the scheme', async () =>
    expectNoProblems(await diagnoseRoutes({ origin: null, isProxied: true })));
  for (const { title, failed, warnings = [], ...setup } of FAULTS) {
    test(`reports ${title}`, async () => {
      const report = await diagnoseRoutes(setup);
      equal(report.failed, failed, 'failed checks');
      equal(report.warnings, warnings, 'warnings');
    });
  }
};

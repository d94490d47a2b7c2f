// The auth routes of types/edge.d.ts as one fetch handler. What a request brings is foreign, and so is whatever the app's own functions do. Nothing is
// kept from one request to the next, so nobody gets what is another's.
import { SocialPlusError, fail } from './error.js';
import { readInput, reader } from './input.js';

/** The largest body that is read, in bytes. */
const LIMIT = 16_384;
const OPERATION = 'createAuthHandler';

const misused = (message) => fail('config', OPERATION, message);

/** Ends a request. From status 500 on, the message is for the listener alone. */
const refuse = (status, kind, message, retryAfterMs) => {
  throw new SocialPlusError({ operation: OPERATION, status, kind, message, retryAfterMs });
};

/** Origins as browsers write them: anything else would never match, but for `*`, which may not. */
const exact = (origins) => {
  const isExact = (origin) => /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*A-Z]+$/.test(origin);
  return origins?.every?.(isExact) ? origins : misused('`allowedOrigins` takes exact origins, like `https://app.example`.');
};

/** What can be seen to be wrong before there is a request. */
const check = (given) => {
  const plain = Object.entries(given).filter(([, value]) => typeof value !== 'function');
  readInput(OPERATION, Object.fromEntries(plain), {}, { credential: 'serverKey', inOptions: true });
  for (const name of ['authenticate', 'rateLimit', 'clientIp']) reader('config', OPERATION, given)('function')(name);
  for (const name of ['authenticate', 'serverKey']) if (!given[name]) misused(`\`${name}\` is missing or empty.`);
  if (!given.region && !given.endpoint) misused('Give `region` or `endpoint`.');
  if (typeof given.allowedOrigins !== 'function') exact(given.allowedOrigins);
  if (given.visitorSecret && !given.rateLimit && !given.allowUnlimitedVisitors) {
    misused('`visitorSecret` wants a `rateLimit`, or `allowUnlimitedVisitors`.');
  }
  if (!/^(\/[\w.~-]+)*$/.test(given.basePath)) misused('`basePath` must be like `/auth`.');
};

/** The body's JSON object; no body is an empty one. */
const readBody = async (request) => {
  if (request.bodyUsed) refuse(500, 'server', '`authenticate` must read a clone of the body.');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  let body;
  try {
    // Whatever ends the loop cancels the rest.
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > LIMIT) break;
      text += decoder.decode(chunk, { stream: true });
    }
    body = size ? JSON.parse(text + decoder.decode()) : {};
  } catch {
    // Broken off, no UTF-8 or no JSON.
  }
  const isJson = /^application\/json *(;|$)/i.test(request.headers.get('content-type'));
  if (size && !isJson) refuse(415, 'invalidRequest', 'The body must be application/json.');
  if (size > LIMIT) refuse(413, 'invalidRequest', 'The body must not be over 16 KiB.');
  return typeof body === 'object' && body && !Array.isArray(body) ? body : refuse(400, 'invalidRequest', 'The body must be a JSON object.');
};

/** The status for what came of a request instead of an answer. */
const statusOf = ({ operation, kind, message, status, attempts }) => {
  if (operation === OPERATION) return status ?? 500;
  // Refused before anything was sent: a device is the client's to mend, all else is ours.
  if (!attempts) return kind === 'invalidRequest' && message.startsWith('`device') ? 400 : 500;
  // An endpoint that is not the service's is not found either.
  if (kind === 'banned' || (kind === 'notFound' && status === 200)) return 403;
  if (kind === 'timeout' || kind === 'aborted') return 504;
  return kind === 'rateLimited' || status === 503 ? 503 : 502;
};

/** `createAuthHandler` of types/edge.d.ts, over the calls that it makes. */
export const authHandler = ({ createAuthToken, exchangeSession, signVisitor }) => (options) => {
  const given = { ...options };
  given.basePath ??= '/auth';
  given.timeoutMs ??= 8_000;
  given.allowedOrigins ??= [];
  check(given);
  const { retry, timeoutMs } = given;
  const attempts = retry === false ? 1 : (retry?.attempts ?? 2);

  return async (request, env = {}) => {
    const started = Date.now();
    const { headers: asked, method, signal } = request;
    const id = asked.get('x-correlation-id') ?? asked.get('x-request-id') ?? '';
    const correlationId = /^[\w.-]{1,64}$/.test(id) ? id : crypto.randomUUID();
    const headers = {
      'cache-control': 'no-store',
      vary: 'origin',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': correlationId,
    };
    const onEvent = (event) => {
      try {
        given.onEvent?.({ ...event, correlationId });
      } catch {
        // The listener's own trouble.
      }
    };
    const answer = (status, body, detail) => {
      const at = Date.now();
      const isGood = status < 400;
      onEvent({ type: isGood ? 'response' : 'error', at, operation: OPERATION, status, durationMs: at - started, detail });
      if (body) headers['content-type'] = isGood ? 'application/json' : 'application/problem+json';
      return new Response(body && JSON.stringify(body), { status, headers });
    };
    const hook = async (name, status, ...all) => {
      try {
        return await given[name]?.(...all);
      } catch {
        return refuse(status, 'server', `\`${name}\` threw.`);
      }
    };
    const option = (name) => (typeof given[name] === 'function' ? hook(name, 500, env) : given[name]);

    const run = async () => {
      const { origin: own, pathname } = new URL(request.url);
      const origin = asked.get('origin');
      const site = asked.get('sec-fetch-site');
      // A page of an origin that is allowed by name may also read the answer, whatever it is.
      const isNamed = exact(await option('allowedOrigins')).includes(origin);
      if (isNamed) {
        headers['access-control-allow-origin'] = origin;
        headers['access-control-allow-credentials'] = true;
        headers['access-control-expose-headers'] = 'retry-after, x-correlation-id';
      }
      const routes = ['token', given.apiKey && 'session', given.visitorSecret && 'visitor'];
      const route = routes.find((name) => pathname === `${given.basePath}/${name}`) || refuse(404, 'notFound', 'There is no such route.');
      if (method !== 'POST' && method !== 'OPTIONS') {
        headers.allow = 'POST, OPTIONS';
        refuse(405, 'invalidRequest', 'The method must be POST.');
      }
      const isWelcome = isNamed || origin === own || site === 'same-origin' || (origin === null && site === null && given.allowNonBrowser);
      if (!isWelcome) refuse(403, 'forbidden', 'This origin may not ask.');
      if (method === 'OPTIONS') {
        headers['access-control-allow-methods'] = 'POST';
        headers['access-control-allow-headers'] = asked.get('access-control-request-headers') ?? 'content-type';
        headers['access-control-max-age'] = 600;
        return answer(204, null);
      }
      const isVisitor = route === 'visitor';
      const user = isVisitor ? {} : ((await hook('authenticate', 500, request, env)) || refuse(401, 'unauthorized', 'Sign in to the app first.'));
      const { userId, displayName } = user;
      if (!isVisitor && !(typeof userId === 'string' && /^[^\0-\x1f\x7f]{1,50}$/.test(userId))) {
        refuse(500, 'server', '`authenticate` must give a `userId` of 1 to 50 characters, no control characters.');
      }
      if (given.rateLimit) {
        const verdict = await hook('rateLimit', 503, { userId, ip: await hook('clientIp', 500, request, env), route }, env);
        if (verdict !== true) refuse(429, 'rateLimited', 'Too many requests.', verdict?.retryAfterMs);
      }
      const { deviceId, deviceInfo } = await readBody(request);
      if (isVisitor) return answer(200, await signVisitor({ visitorSecret: await option('visitorSecret') }, { deviceId }));
      // A longer wait than two seconds is for the client to do.
      const service = { retry: { maxDelayMs: 2_000, ...retry, attempts }, timeoutMs: Math.ceil(timeoutMs / attempts), onEvent };
      for (const name of ['region', 'endpoint', 'serverKey', 'apiKey', 'fetch']) service[name] = await option(name);
      // Ends with the client's request, and when the time is up.
      const controller = new AbortController();
      const abort = () => controller.abort();
      const timer = setTimeout(abort, timeoutMs);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      const asking = { userId, displayName, deviceId, deviceInfo, signal: controller.signal };
      try {
        if (route === 'session') return answer(200, await exchangeSession(service, asking));
        const { token: authToken, expiresAt } = await createAuthToken(service, asking);
        return answer(200, { authToken, expiresAt });
      } finally {
        clearTimeout(timer);
      }
    };

    try {
      return await run();
    } catch (error) {
      const known = SocialPlusError.is(error) ? error : { kind: 'server' };
      const { kind, message, retryAfterMs } = known;
      const status = signal?.aborted ? 499 : statusOf(known);
      if (status === 429 || status === 503) headers['retry-after'] = Math.ceil(retryAfterMs / 1000) || 10;
      const isOurs = status >= 500;
      const told = isOurs && !/^(config|invalidResponse|network|rateLimited)$/.test(kind) ? 'server' : kind;
      const title = isOurs ? 'The server cannot do this now.' : message;
      return answer(status, { type: 'about:blank', title, status, kind: status === 504 ? 'timeout' : told, correlationId }, `${kind}: ${message}`);
    }
  };
};

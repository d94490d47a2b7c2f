// The auth routes of types/edge.d.ts as one fetch handler. What a request brings is foreign, and so
// is whatever the app's own functions do. Nothing is kept from one request to the next, so nobody
// gets what is another's.
import { SocialPlusError } from './error.js';
import { reader } from './input.js';

/** The largest body that is read, in bytes. */
const LIMIT = 16_384;
const OPERATION = 'createAuthHandler';

/**
 * Ends a request, or the setting up. From status 500 on, which is the default, the message is for
 * the listener alone.
 */
const refuse = (kind, message, status, retryAfterMs) => {
  throw new SocialPlusError({ operation: OPERATION, kind, message, status, retryAfterMs });
};

/** Origins as browsers write them: anything else would never match, but for `*`, which may not. */
const exact = (origins) => {
  const isExact = (origin) => /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*A-Z]+$/.test(origin);
  return origins?.every?.(isExact)
    ? origins
    : refuse('config', '`allowedOrigins` must be like `https://app.example`.');
};

/** What can be seen to be wrong before there is a request. */
const check = (given) => {
  const option = reader('config', OPERATION, given);
  const fixed = (name) => typeof given[name] === 'function' || option('string')(name);
  ['region', 'endpoint', 'serverKey', 'apiKey', 'visitorSecret', 'basePath'].map(fixed);
  ['authenticate', 'rateLimit', 'clientIp', 'fetch', 'onEvent'].map(option('function'));
  // `'false'` opens nothing.
  ['allowNonBrowser', 'allowUnlimitedVisitors'].map(option('boolean'));
  option('object')('retry');
  for (const name of ['authenticate', 'serverKey'])
    if (!given[name]) refuse('config', `\`${name}\` is missing or empty.`);
  if (!given.region && !given.endpoint) refuse('config', '`region` or `endpoint` is missing.');
  if (typeof given.allowedOrigins !== 'function') exact(given.allowedOrigins);
  if (given.visitorSecret && !given.rateLimit && !given.allowUnlimitedVisitors) {
    refuse('config', '`rateLimit` or `allowUnlimitedVisitors` is missing.');
  }
  if (!/^(\/[\w.~-]+)*$/.test(given.basePath)) refuse('config', '`basePath` must be like `/auth`.');
  if (!((option('number')('timeoutMs') | 0) > 0)) refuse('config', '`timeoutMs` must fit a timer.');
};

/** The body's JSON object; no body is an empty one. `ended` ends the reading. */
const readBody = async (request, ended) => {
  if (request.bodyUsed) refuse('server', '`authenticate` must read a clone of the body.');
  const stream = request.body?.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  let body;
  try {
    while (stream && size <= LIMIT) {
      const { done, value } = await Promise.race([ended, stream.read()]);
      if (done) break;
      size += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    text += decoder.decode();
    body = text ? /^\s*\{/.test(text) && JSON.parse(text) : {};
  } catch {
    // Broken off, no UTF-8 or no JSON.
  }
  // Whatever ended the loop, nobody wants the rest.
  stream?.cancel().catch(() => {});
  const isJson = /^application\/json *(;|$)/i.test(request.headers.get('content-type'));
  if (size && !isJson) refuse('invalidRequest', 'The body must be application/json.', 415);
  if (size > LIMIT) refuse('invalidRequest', 'The body must not be over 16 KiB.', 413);
  return body || refuse('invalidRequest', 'The body must be a JSON object.', 400);
};

/** The status for what came of a request instead of an answer. */
const statusOf = ({ kind, message, code, status, attempts }) => {
  // Refused before anything was sent: a device is the client's to mend, all else is ours.
  if (!attempts)
    return status ?? (kind === 'invalidRequest' && message.startsWith('`device') ? 400 : 500);
  // An endpoint that is not the service's is not found either, but by no code of the service.
  if (kind === 'banned' || (kind === 'notFound' && (status === 200 || code === 400400))) return 403;
  if (kind === 'timeout') return 504;
  return kind === 'rateLimited' || status === 503 ? 503 : 502;
};

/** `createAuthHandler` of types/edge.d.ts, over the calls that it makes. */
export const authHandler =
  ({ createAuthToken, exchangeSession, signVisitor }) =>
  (options) => {
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
      const hook = async (name, ...all) => {
        try {
          return await given[name]?.(...all);
        } catch {
          return refuse('server', `\`${name}\` threw.`, name === 'rateLimit' ? 503 : 500);
        }
      };
      // What the listener throws is its own trouble.
      const onEvent = (event) => hook('onEvent', { ...event, correlationId }).catch(() => {});
      const option = (name) => (typeof given[name] === 'function' ? hook(name, env) : given[name]);

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
        const route =
          routes.find((name) => pathname === `${given.basePath}/${name}`) ||
          refuse('notFound', 'There is no such route.', 404);
        if (method !== 'POST' && method !== 'OPTIONS') {
          headers.allow = 'POST, OPTIONS';
          refuse('invalidRequest', 'The method must be POST.', 405);
        }
        const isWelcome =
          isNamed ||
          origin === own ||
          site === 'same-origin' ||
          (origin === null && site === null && given.allowNonBrowser);
        if (!isWelcome) refuse('forbidden', 'This origin may not ask.', 403);
        if (method === 'OPTIONS') {
          headers['access-control-allow-methods'] = 'POST';
          headers['access-control-allow-headers'] =
            asked.get('access-control-request-headers') ?? 'content-type';
          headers['access-control-max-age'] = 600;
          return null;
        }
        const isVisitor = route === 'visitor';
        const user = isVisitor
          ? {}
          : (await hook('authenticate', request, env)) ||
            refuse('unauthorized', 'Sign in to the app first.', 401);
        const { userId, displayName } = user;
        if (!isVisitor && !(typeof userId === 'string' && /^[^\0-\x1f\x7f]{1,50}$/.test(userId))) {
          refuse('server', '`userId` must have 1 to 50 characters, and no control characters.');
        }
        if (given.rateLimit) {
          const verdict = await hook(
            'rateLimit',
            { userId, ip: await hook('clientIp', request, env), route },
            env,
          );
          if (verdict !== true)
            refuse('rateLimited', 'Too many requests.', 429, +verdict?.retryAfterMs);
        }
        late = 408;
        const { deviceId, deviceInfo } = await readBody(request, ended);
        late = 504;
        if (isVisitor)
          return signVisitor({ visitorSecret: await option('visitorSecret') }, { deviceId });
        // A longer wait than two seconds is for the client to do.
        const service = {
          retry: { maxDelayMs: 2_000, ...retry, attempts },
          timeoutMs: Math.ceil(timeoutMs / attempts),
          onEvent,
        };
        for (const name of ['region', 'endpoint', 'serverKey', 'apiKey', 'fetch'])
          service[name] = await option(name);
        const asking = { userId, displayName, deviceId, deviceInfo, signal: controller.signal };
        if (route === 'session') return exchangeSession(service, asking);
        const { token: authToken, expiresAt } = await createAuthToken(service, asking);
        return { authToken, expiresAt };
      };

      // The end of a request that nobody waits for any longer, whatever it hangs on: its time is
      // up, or the client is gone.
      const controller = new AbortController();
      let late = 504;
      let end;
      const ended = new Promise((resolve) => (end = resolve)).then(() =>
        refuse(signal?.aborted ? 'aborted' : 'timeout', 'The time is up.', late),
      );
      const timer = setTimeout(end, timeoutMs);
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
      let status;
      let body;
      let detail;
      try {
        body = await Promise.race([ended, run()]);
        status = body ? 200 : 204;
      } catch (error) {
        const known = SocialPlusError.is(error)
          ? error
          : { kind: 'server', message: 'Something threw.' };
        const { kind, message, retryAfterMs } = known;
        status = signal?.aborted ? 499 : statusOf(known);
        if (status === 429 || status === 503)
          headers['retry-after'] = Math.min(
            Math.max(Math.ceil(retryAfterMs / 1000) || 10, 1),
            86_400,
          );
        const isOurs = status >= 500;
        const told =
          isOurs && !/^(config|invalidResponse|network|rateLimited|timeout)$/.test(kind)
            ? 'server'
            : kind;
        body = {
          type: 'about:blank',
          title: isOurs ? 'The server cannot do this now.' : message,
          status,
          kind: told,
          correlationId,
        };
        detail = `${kind}: ${message}`;
      }
      clearTimeout(timer);
      controller.abort();
      const at = Date.now();
      onEvent({
        type: detail ? 'error' : 'response',
        at,
        operation: OPERATION,
        status,
        durationMs: at - started,
        detail,
      });
      if (body) headers['content-type'] = detail ? 'application/problem+json' : 'application/json';
      return new Response(body && JSON.stringify(body), { status, headers });
    };
  };

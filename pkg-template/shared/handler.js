// Implements `createAuthHandler` of types/edge.d.ts. It trusts neither the request nor the app's
// own functions. It keeps nothing between requests, so that no user gets the data of another user.
import { createAuthToken, exchangeSession } from './edge-calls.js';
import { SocialPlusError, guard } from './error.js';
import { OPERATION, checkOrigins, copy, readOptions } from './handler-options.js';
import { chooseStatus, refuse, toRetryAfterSeconds } from './handler-refusals.js';
import { JSON_TYPE, isFromOwnPage, readBody } from './handler-request.js';
import { signVisitor } from './signatures.js';
import { MAX_USER_ID_LENGTH, RESERVED_USER_ID_PREFIXES } from './wire.js';

/**
 * @typedef {Record<string, any>} Options
 * @typedef {Record<string, any>} Headers The headers of a response.
 */

/**
 * Reads and checks the user that `authenticate` returned. Control, line-separating and
 * bidirectional characters can make two users look alike and can change how a log is displayed.
 *
 * @param {unknown} given
 */
const readUser = (given) => {
  const user = copy(given);
  const { userId } = user;
  const isValid =
    typeof userId === 'string' &&
    userId.length <= MAX_USER_ID_LENGTH &&
    /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}]+$/u.test(userId) &&
    !RESERVED_USER_ID_PREFIXES.test(userId);
  if (!isValid)
    refuse(
      'server',
      `\`authenticate\` must return a \`userId\` of 1 to ${MAX_USER_ID_LENGTH} characters ` +
        'without control characters or a reserved prefix.',
    );
  return user;
};

/** @type {typeof import('social-plus-auth/edge').createAuthHandler} */
export const createAuthHandler = (options) => {
  const given = guard('config', OPERATION, () => readOptions(options));
  const { retry, timeoutMs } = given;

  return async (request, env = /** @type {any} */ ({})) => {
    const started = Date.now();
    const { headers: received, method, signal } = request;
    const id = received.get('x-correlation-id') ?? received.get('x-request-id') ?? '';
    const correlationId = /^[\w.-]{1,64}$/.test(id) ? id : crypto.randomUUID();
    /** @type {Headers} */
    const headers = {
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'origin',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': correlationId,
    };
    /**
     * Calls one of the app's functions. If the function throws, throws an error without its
     * details.
     *
     * @param {string} name
     * @param {unknown[]} args
     */
    const callHook = async (name, ...args) => {
      try {
        return await given[name]?.(...args);
      } catch {
        return refuse('server', `\`${name}\` threw.`, name === 'rateLimit' ? 503 : 500);
      }
    };
    // An error of the listener does not affect the request.
    /** @param {object} event */
    const onEvent = (event) => callHook('onEvent', { ...event, correlationId }).catch(() => {});
    /** @param {string} name */
    const readOption = (name) =>
      typeof given[name] === 'function' ? callHook(name, env) : given[name];

    /** @param {string} name */
    const readOrigins = async (name) => checkOrigins(name, await readOption(name));
    const origin = received.get('origin');
    /** The fields of the response's event that describe the request. @type {Options} */
    const about = { method, origin: /^[!-~]{1,256}$/.exec(origin ?? '')?.[0] };

    const handle = async () => {
      const { origin: own, pathname } = new URL(request.url);
      // A page of an allowed origin may read every response, even a refusal.
      const isAllowed = (await readOrigins('allowedOrigins')).includes(origin ?? '');
      if (isAllowed) {
        headers['access-control-allow-origin'] = origin;
        headers['access-control-allow-credentials'] = true;
        headers['access-control-expose-headers'] = 'retry-after, x-correlation-id';
      }
      const routes = ['token', given.apiKey && 'session', given.visitorSecret && 'visitor'];
      const route = (about.route =
        routes.find((name) => pathname === `${given.basePath}/${name}`) ||
        refuse('notFound', 'Unknown route.', 404));
      if (method !== 'POST' && method !== 'OPTIONS') {
        headers.allow = 'POST, OPTIONS';
        refuse('invalidRequest', 'The method must be POST.', 405);
      }
      const site = received.get('sec-fetch-site');
      const publicOrigins = await readOrigins('publicOrigin');
      if (!isAllowed && !isFromOwnPage(origin, site, own, publicOrigins, given.allowNonBrowser))
        refuse('forbidden', 'Origin not allowed: add it to `allowedOrigins`.', 403);
      if (method === 'OPTIONS') {
        headers['access-control-allow-methods'] = 'POST';
        headers['access-control-allow-headers'] = given.allowedHeaders;
        headers['access-control-max-age'] = 600;
        return null;
      }
      // Require the type even without a body: a page of another site needs a preflight to send it.
      if (!JSON_TYPE.test(received.get('content-type') ?? ''))
        refuse('invalidRequest', 'The content-type must be application/json.', 415);
      const isVisitor = route === 'visitor';
      let displayName;
      /** @param {string} stage */
      const checkRateLimit = async (stage) => {
        if (!given.rateLimit || ![stage, 'both'].includes(given.rateLimitStage)) return;
        const ip = await callHook('clientIp', request, env);
        const verdict = await callHook(
          'rateLimit',
          { userId: about.userId, ip, route, stage },
          env,
        );
        if (verdict !== true)
          refuse('rateLimited', 'Too many requests.', 429, +verdict?.retryAfterMs);
      };
      await checkRateLimit('before');
      if (!isVisitor) {
        ({ userId: about.userId, displayName } = readUser(
          (await callHook('authenticate', request, env)) ||
            refuse('unauthorized', 'Sign in to the app first.', 401),
        ));
      }
      // Count a visitor once: the second stage would know no more about them than the first.
      if (!isVisitor || given.rateLimitStage !== 'both') await checkRateLimit('after');
      timeoutStatus = 408;
      const { deviceId, deviceInfo } = copy(await readBody(request, ended));
      timeoutStatus = 504;
      if (isVisitor)
        return signVisitor({ visitorSecret: await readOption('visitorSecret') }, { deviceId });
      const service = copy({
        retry,
        timeoutMs: Math.ceil(timeoutMs / retry.attempts),
        onEvent,
      });
      for (const name of ['region', 'endpoint', 'serverKey', 'apiKey', 'fetch'])
        service[name] = await readOption(name);
      const { signal } = controller;
      const call = copy({ userId: about.userId, displayName, deviceId, deviceInfo, signal });
      if (route === 'session') return exchangeSession(/** @type {any} */ (service), call);
      const { token: authToken, expiresAt } = await createAuthToken(service, call);
      return { authToken, expiresAt };
    };

    // A timeout, or a client that disconnects, ends the request at any stage.
    const controller = new AbortController();
    let timeoutStatus = 504;
    let timer;
    /** @type {Promise<never>} */
    const ended = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      signal?.addEventListener('abort', resolve);
      if (signal?.aborted) resolve(undefined);
    }).then(() =>
      signal?.aborted
        ? refuse('aborted', 'The client disconnected.')
        : refuse('timeout', 'Request timed out.', timeoutStatus),
    );
    let status;
    let body;
    let detail;
    try {
      body = await Promise.race([ended, handle()]);
      status = body ? 200 : 204;
    } catch (error) {
      /** @type {Partial<SocialPlusError>} */
      const safeError = SocialPlusError.is(error)
        ? error
        : { kind: 'server', message: 'An unexpected error was thrown.' };
      const { kind, message, retryAfterMs } = safeError;
      status = signal?.aborted ? 499 : chooseStatus(safeError);
      if (status === 429 || status === 503)
        headers['retry-after'] = toRetryAfterSeconds(retryAfterMs);
      const isServerError = status >= 500;
      const isPublic = /^(config|invalidResponse|network|rateLimited|timeout)$/.test(kind ?? '');
      body = {
        type: 'about:blank',
        title: isServerError ? 'The server cannot do this now.' : message,
        status,
        kind: isServerError && !isPublic ? 'server' : kind,
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
      ...about,
    });
    if (body) headers['content-type'] = detail ? 'application/problem+json' : 'application/json';
    return new Response(body && JSON.stringify(body), { status, headers });
  };
};

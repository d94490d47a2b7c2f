// Implements `createAuthHandler` of types/edge.d.ts. It trusts neither the request nor the app's
// own functions. It keeps nothing between requests, so that no user gets the data of another user.
import {
  DEFAULT_HANDLER_ATTEMPTS,
  DEFAULT_HANDLER_TIMEOUT_MS,
  DEFAULT_RETRY_AFTER_S,
  MAX_BODY_BYTES,
  MAX_HANDLER_DELAY_MS,
  MAX_RETRY_AFTER_S,
  NOT_FOUND_CODE,
} from './constants.js';
import { createAuthToken, exchangeSession } from './edge-calls.js';
import { SocialPlusError, fail, guard } from './error.js';
import { createReader } from './reader.js';
import { signVisitor } from './signatures.js';
import { MAX_USER_ID_LENGTH } from './wire.js';

/**
 * @typedef {import('social-plus-auth').ErrorKind} ErrorKind
 * @typedef {Record<string, any>} Options
 * @typedef {Record<string, any>} Headers The headers of a response.
 */

const OPERATION = 'createAuthHandler';

/**
 * Throws an error that ends a request. The default status is 500. `onEvent` always gets the
 * message; the client gets it only if the status is below 500.
 *
 * @param {ErrorKind} kind
 * @param {string} message
 * @param {number} [status]
 * @param {number} [retryAfterMs]
 * @returns {never}
 */
const refuse = (kind, message, status, retryAfterMs) => {
  throw new SocialPlusError({ operation: OPERATION, kind, message, status, retryAfterMs });
};

/** @param {string} field @param {string} problem */
const refuseOption = (field, problem) => fail('config', OPERATION, problem, field);

/**
 * Checks that origins have the form in which browsers send them. Another form would never match.
 *
 * @param {any} origins
 * @returns {string[]}
 */
const checkOrigins = (origins) => {
  /** @param {string} origin */
  const isOrigin = (origin) => /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*A-Z]+$/.test(origin);
  return origins?.every?.(isOrigin)
    ? origins
    : refuseOption('allowedOrigins', 'must be origins like `https://app.example`, without `*`.');
};

/**
 * Copies the options, adds the defaults, and checks what it can check before the first request.
 *
 * @param {Options} options
 */
const readOptions = (options) => {
  const given = { ...options };
  given.basePath ??= '/auth';
  given.timeoutMs ??= DEFAULT_HANDLER_TIMEOUT_MS;
  given.allowedOrigins ??= [];
  const readAs = createReader('config', OPERATION, given);
  /** @param {string} name */
  const checkText = (name) => typeof given[name] === 'function' || readAs('string')(name);
  ['region', 'endpoint', 'serverKey', 'apiKey', 'visitorSecret', 'basePath'].map(checkText);
  ['authenticate', 'rateLimit', 'clientIp', 'fetch', 'onEvent'].map(readAs('function'));
  // Reject the text 'false', which JavaScript takes for true.
  ['allowNonBrowser', 'allowUnlimitedVisitors'].map(readAs('boolean'));
  readAs('object')('retry');
  for (const name of ['authenticate', 'serverKey'])
    if (!given[name]) refuseOption(name, 'is missing or empty.');
  if (!given.region && !given.endpoint) refuseOption('region', 'or `endpoint` is required.');
  if (typeof given.allowedOrigins !== 'function') checkOrigins(given.allowedOrigins);
  if (given.visitorSecret && !given.rateLimit && !given.allowUnlimitedVisitors) {
    refuseOption('visitorSecret', 'requires `rateLimit` or `allowUnlimitedVisitors`.');
  }
  if (!/^(\/[\w.~-]+)*$/.test(given.basePath)) refuseOption('basePath', 'must be like `/auth`.');
  if (!((readAs('number')('timeoutMs') | 0) > 0))
    refuseOption('timeoutMs', 'must be 1 to 2147483647 milliseconds.');
  const { retry } = given;
  const attempts = retry === false ? 1 : (retry?.attempts ?? DEFAULT_HANDLER_ATTEMPTS);
  given.retry = { maxDelayMs: MAX_HANDLER_DELAY_MS, ...retry, attempts };
  return given;
};

/**
 * Reads the body, which must be a JSON object. Returns an empty object if there is no body. Stops
 * reading when `ended` rejects.
 *
 * @param {Request} request
 * @param {Promise<never>} ended
 * @returns {Promise<any>}
 */
const readBody = async (request, ended) => {
  if (request.bodyUsed)
    refuse('server', '`authenticate` must not read the body: read a clone of the request.');
  const stream = request.body?.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  let body;
  try {
    while (stream && size <= MAX_BODY_BYTES) {
      const { done, value } = await Promise.race([ended, stream.read()]);
      if (done) break;
      size += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    text += decoder.decode();
    body = text ? /^\s*\{/.test(text) && JSON.parse(text) : {};
  } catch {
    // The body was interrupted, is not UTF-8 or is not JSON: `body` stays undefined.
  }
  stream?.cancel().catch(() => {});
  const isJson = /^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? '');
  if (size && !isJson) refuse('invalidRequest', 'The body must be application/json.', 415);
  if (size > MAX_BODY_BYTES) refuse('invalidRequest', 'The body must be at most 16 KiB.', 413);
  return body || refuse('invalidRequest', 'The body must be a JSON object.', 400);
};

/**
 * Returns the HTTP status for an error.
 *
 * @param {Partial<SocialPlusError>} error
 */
const chooseStatus = ({ kind, field, code, status, attempts }) => {
  // No request was sent to the service. Without a status, the error is a 500, unless a value that
  // the client sent (`deviceId` or `deviceInfo`) is invalid: that is a 400.
  if (!attempts)
    return status ?? (kind === 'invalidRequest' && /^device/.test(field ?? '') ? 400 : 500);
  // A 404 means an unknown user only with the service's code, because a proxy or a wrong endpoint
  // returns 404 too. A `notFound` with status 200 means a deleted user.
  const isUnknownUser = kind === 'notFound' && (status === 200 || code === NOT_FOUND_CODE);
  if (kind === 'banned' || isUnknownUser) return 403;
  if (kind === 'timeout') return 504;
  return kind === 'rateLimited' || status === 503 ? 503 : 502;
};

/**
 * Returns the value of `Retry-After`, in seconds, for a wait in milliseconds.
 *
 * @param {number | undefined} ms
 */
const toRetryAfterSeconds = (ms) => {
  const seconds = Math.ceil(Number(ms) / 1000) || DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
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

    const handle = async () => {
      const { origin: own, pathname } = new URL(request.url);
      const origin = received.get('origin');
      const site = received.get('sec-fetch-site');
      // A page of an allowed origin may read every response, even a refusal.
      const isAllowed = checkOrigins(await readOption('allowedOrigins')).includes(origin ?? '');
      if (isAllowed) {
        headers['access-control-allow-origin'] = origin;
        headers['access-control-allow-credentials'] = true;
        headers['access-control-expose-headers'] = 'retry-after, x-correlation-id';
      }
      const routes = ['token', given.apiKey && 'session', given.visitorSecret && 'visitor'];
      const route =
        routes.find((name) => pathname === `${given.basePath}/${name}`) ||
        refuse('notFound', 'Unknown route.', 404);
      if (method !== 'POST' && method !== 'OPTIONS') {
        headers.allow = 'POST, OPTIONS';
        refuse('invalidRequest', 'The method must be POST.', 405);
      }
      const isSameOrigin = origin === own || site === 'same-origin';
      const isNonBrowser = origin === null && site === null && given.allowNonBrowser;
      if (!isAllowed && !isSameOrigin && !isNonBrowser)
        refuse('forbidden', 'Origin not allowed: add it to `allowedOrigins`.', 403);
      if (method === 'OPTIONS') {
        headers['access-control-allow-methods'] = 'POST';
        headers['access-control-allow-headers'] =
          received.get('access-control-request-headers') ?? 'content-type';
        headers['access-control-max-age'] = 600;
        return null;
      }
      const isVisitor = route === 'visitor';
      const user = isVisitor
        ? {}
        : (await callHook('authenticate', request, env)) ||
          refuse('unauthorized', 'Sign in to the app first.', 401);
      const { userId, displayName } = user;
      if (!isVisitor) checkUserId(userId);
      if (given.rateLimit) {
        const ip = await callHook('clientIp', request, env);
        const verdict = await callHook('rateLimit', { userId, ip, route }, env);
        if (verdict !== true)
          refuse('rateLimited', 'Too many requests.', 429, +verdict?.retryAfterMs);
      }
      timeoutStatus = 408;
      const { deviceId, deviceInfo } = await readBody(request, ended);
      timeoutStatus = 504;
      if (isVisitor)
        return signVisitor({ visitorSecret: await readOption('visitorSecret') }, { deviceId });
      /** @type {Options} */
      const service = {
        retry,
        timeoutMs: Math.ceil(timeoutMs / retry.attempts),
        onEvent,
      };
      for (const name of ['region', 'endpoint', 'serverKey', 'apiKey', 'fetch'])
        service[name] = await readOption(name);
      const call = { userId, displayName, deviceId, deviceInfo, signal: controller.signal };
      if (route === 'session') return exchangeSession(service, call);
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
      refuse(signal?.aborted ? 'aborted' : 'timeout', 'Request timed out.', timeoutStatus),
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
    });
    if (body) headers['content-type'] = detail ? 'application/problem+json' : 'application/json';
    return new Response(body && JSON.stringify(body), { status, headers });
  };
};

/**
 * Checks the user id that `authenticate` returned.
 *
 * @param {unknown} userId
 */
const checkUserId = (userId) => {
  const isValid =
    typeof userId === 'string' &&
    /^[^\0-\x1f\x7f]+$/.test(userId) &&
    userId.length <= MAX_USER_ID_LENGTH;
  if (!isValid)
    refuse(
      'server',
      `\`authenticate\` must return a \`userId\` of 1 to ${MAX_USER_ID_LENGTH} characters ` +
        'without control characters.',
    );
};

// A `createSession` that a careful developer would write by hand, in JavaScript, for one app. It
// makes nearly every check that the package makes. `cargo xtask bench` compares the two.

import {
  ServiceError,
  createAbortedError,
  createServiceError,
  exchange,
  parse,
  pause,
} from './by-hand-exchange.mjs';

/** @import { DiagnosticEvent, ServiceOptions, SessionRequest, User } from 'social-plus-auth' */

/** @typedef {{ attempts: number, baseDelayMs: number, maxDelayMs: number }} Retry */

/** @type {Record<string, string>} */
const REGIONS = {
  eu: 'https://apix.eu.amity.co',
  sg: 'https://apix.sg.amity.co',
  us: 'https://apix.us.amity.co',
};
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const HEADER_SAFE = /^[\x21-\x7e]+$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?$/i;

/** A session that omits its tokens when it is logged. */
class Session {
  #accessToken;
  #refreshToken;

  /** @param {{ accessToken: string, refreshToken?: string } & Record<string, unknown>} fields */
  constructor({ accessToken, refreshToken, ...rest }) {
    this.#accessToken = accessToken;
    this.#refreshToken = refreshToken;
    Object.assign(this, rest);
  }

  get accessToken() {
    return this.#accessToken;
  }
  get refreshToken() {
    return this.#refreshToken;
  }
  toJSON() {
    return { ...this, accessToken: this.#accessToken, refreshToken: this.#refreshToken };
  }
}

/**
 * @param {ServiceOptions} options
 * @param {SessionRequest} request
 */
export async function createSession(options, request) {
  const base = getBaseUrl(options);
  const {
    apiKey,
    apiVersion = 'v5',
    timeoutMs = 10_000,
    onEvent,
    fetch = globalThis.fetch,
  } = options;
  if (typeof fetch !== 'function') throw new ServiceError('config', 'fetch must be a function.');
  if (onEvent !== undefined && typeof onEvent !== 'function')
    throw new ServiceError('config', 'onEvent must be a function.');
  if (typeof apiKey !== 'string' || !HEADER_SAFE.test(apiKey)) {
    throw new ServiceError('config', 'apiKey is missing or contains an invalid character.');
  }
  if (!['v3', 'v4', 'v5'].includes(apiVersion))
    throw new ServiceError('config', 'apiVersion must be v3, v4 or v5.');
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new ServiceError('config', 'timeoutMs is out of range.');
  }
  const retry = readRetry(options.retry);
  const body = JSON.stringify(readRequest(request, apiVersion));
  const headers = {
    'x-api-key': apiKey,
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const url = `${base}/api/${apiVersion}/sessions`;

  for (let attempt = 1; ; attempt += 1) {
    if (request.signal?.aborted) throw createAbortedError();
    emit(onEvent, { type: 'attempt', attempt });
    const started = Date.now();
    try {
      /** @type {RequestInit} */
      const init = { method: 'POST', headers, body, redirect: 'manual' };
      const { status, text, retryAfter } = await exchange(
        fetch,
        url,
        init,
        timeoutMs,
        request.signal,
      );
      emit(onEvent, { type: 'response', attempt, status, durationMs: Date.now() - started });
      if (status < 200 || status > 299)
        throw createServiceError(status, text, retryAfter, request.authToken !== undefined);
      return readSession(status, text, request);
    } catch (thrown) {
      const error = /** @type {ServiceError} */ (thrown);
      error.attempts = attempt;
      const retryAfterMs = error.retryAfterMs ?? 0;
      const delay = Math.max(
        Math.random() * Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (attempt - 1)),
        retryAfterMs,
      );
      if (!error.retryable || attempt >= retry.attempts || retryAfterMs > retry.maxDelayMs) {
        emit(onEvent, { type: 'error', attempt, status: error.status, detail: error.kind });
        throw error;
      }
      emit(onEvent, { type: 'retry', attempt, durationMs: delay, detail: error.kind });
      await pause(delay, request.signal);
    }
  }
}

/** @param {ServiceOptions} options */
function getBaseUrl({ region, endpoint }) {
  if ((region === undefined) === (endpoint === undefined))
    throw new ServiceError('config', 'Set exactly one of region and endpoint.');
  if (region !== undefined) {
    const base = typeof region === 'string' && REGIONS[region.toLowerCase()];
    if (!base) throw new ServiceError('config', 'region must be eu, sg or us.');
    return base;
  }
  const url = URL.canParse(String(endpoint)) ? new URL(String(endpoint)) : undefined;
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback);
  if (!url || url.username || url.password || url.search || url.hash || !isSecure) {
    throw new ServiceError(
      'config',
      'endpoint must be https:, or http: on a loopback host, without user info, query or fragment.',
    );
  }
  return url.href.replace(/\/+$/, '');
}

/**
 * @param {ServiceOptions['retry']} retry
 * @returns {Retry}
 */
function readRetry(retry = {}) {
  if (retry === false) return { attempts: 1, baseDelayMs: 0, maxDelayMs: 0 };
  const { attempts = 3, baseDelayMs = 250, maxDelayMs = 8000 } = retry;
  const areDelaysValid = [baseDelayMs, maxDelayMs].every(
    (ms) => typeof ms === 'number' && ms >= 0 && ms <= MAX_TIMEOUT_MS,
  );
  if (!areDelaysValid || !Number.isInteger(attempts) || attempts < 1 || attempts > 20)
    throw new ServiceError('config', 'retry is out of range.');
  return { attempts, baseDelayMs, maxDelayMs };
}

/**
 * @param {SessionRequest} request
 * @param {string} apiVersion
 */
function readRequest(request, apiVersion) {
  const { userId, deviceId, displayName, profileHandle, authToken, deviceInfo, signal } = request;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new ServiceError('invalidRequest', 'signal must be an AbortSignal.');
  }
  checkText('userId', userId, 1, 50);
  if (apiVersion === 'v5' && /^(ADMIN_|DELETED_)/.test(userId)) {
    throw new ServiceError('invalidRequest', 'userId must not start with ADMIN_ or DELETED_.');
  }
  checkText('deviceId', deviceId, 1, 150);
  if (displayName !== undefined) checkText('displayName', displayName, 0, 100);
  if (profileHandle !== undefined) {
    checkText('profileHandle', profileHandle, 0, 100);
    if (apiVersion === 'v3')
      throw new ServiceError('invalidRequest', 'profileHandle needs v4 or v5.');
  }
  if (authToken !== undefined) checkText('authToken', authToken, 1, 100);
  if (deviceInfo !== undefined) {
    const { kind, model, sdkVersion } = deviceInfo;
    if (kind !== undefined && !['ios', 'android', 'web', 'node'].includes(kind)) {
      throw new ServiceError(
        'invalidRequest',
        'deviceInfo.kind must be ios, android, web or node.',
      );
    }
    if (model !== undefined)
      checkText('deviceInfo.model', model, 0, apiVersion === 'v5' ? 300 : 100);
    if (sdkVersion !== undefined) checkText('deviceInfo.sdkVersion', sdkVersion, 0, 30);
  }
  return { userId, deviceId, displayName, profileHandle, authToken, deviceInfo };
}

/**
 * @param {string} field
 * @param {string} value
 * @param {number} min
 * @param {number} max
 */
function checkText(field, value, min, max) {
  const isText = typeof value === 'string' && !LONE_SURROGATE.test(value);
  if (!isText || value.length < min || value.length > max)
    throw new ServiceError('invalidRequest', `${field} must be ${min} to ${max} characters.`);
}

/**
 * @param {number} status
 * @param {string} text
 * @param {SessionRequest} request
 */
function readSession(status, text, { userId, deviceId }) {
  /** @type {(kind: string, message: string) => ServiceError} */
  const createError = (kind, message) => new ServiceError(kind, message, { status });
  const body = parse(text);
  const { accessToken, refreshToken, users, files = [], userType } = body ?? {};
  if (typeof accessToken !== 'string' || !accessToken || !Array.isArray(users)) {
    throw createError('invalidResponse', 'The response is not a session.');
  }
  /** @type {Partial<User> | undefined} */
  const user = users.find((user) => user?.userId === userId);
  if (!user) throw createError('invalidResponse', 'The response is for a different user.');
  if (user.isGlobalBan === true) throw createError('banned', 'The user is globally banned.');
  if (user.isDeleted === true) throw createError('notFound', 'The user was deleted.');
  let issued = parseDate(body.issuedAt);
  let expires = parseDate(body.expiresAt);
  if (issued === undefined || expires === undefined) {
    const claims = parse(decodePayload(accessToken));
    issued ??= typeof claims?.iat === 'number' ? claims.iat * 1000 : Date.now();
    expires ??= typeof claims?.exp === 'number' ? claims.exp * 1000 : Date.now() + 86_400_000;
  }
  const defaults = {
    roles: [],
    permissions: [],
    metadata: {},
    isGlobalBan: false,
    isDeleted: false,
  };
  const [issuedAt, expiresAt] = [new Date(issued), new Date(expires)];
  return new Session({
    accessToken,
    refreshToken,
    issuedAt,
    expiresAt,
    userId,
    deviceId,
    user: { ...defaults, ...user },
    users,
    files,
    userType,
  });
}

/** @param {unknown} text */
const parseDate = (text) =>
  (typeof text === 'string' && ISO_DATE.test(text) && Date.parse(text)) || undefined;

/** @param {string} token */
function decodePayload(token) {
  try {
    return atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}

/**
 * @param {ServiceOptions['onEvent']} onEvent
 * @param {Omit<DiagnosticEvent, 'at'>} event
 */
function emit(onEvent, event) {
  try {
    onEvent?.({ at: Date.now(), operation: 'createSession', ...event });
  } catch {
    // An error of the listener must not end the call.
  }
}

// `createSession` as a careful developer would write it in JavaScript for one app: every check that
// the package makes, and none of its engine. What `bench` compares with.

const REGIONS = {
  eu: 'https://apix.eu.amity.co',
  sg: 'https://apix.sg.amity.co',
  us: 'https://apix.us.amity.co',
};
const LIMIT = 1 << 20;
const HEADER_SAFE = /^[\x21-\x7e]+$/;
const HALF = /\p{Surrogate}/u;
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?$/i;
const RETRYABLE = new Set(['network', 'timeout', 'rateLimited', 'server']);

export class ServiceError extends Error {
  constructor(kind, message, { status, code, retryAfterMs } = {}) {
    super(message);
    Object.assign(this, {
      kind,
      status,
      code,
      retryAfterMs,
      retryable: RETRYABLE.has(kind),
      attempts: 0,
    });
  }
}

/** Shows no token when it is logged. */
class Session {
  #accessToken;
  #refreshToken;
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

export async function createSession(options, request) {
  const base = baseUrl(options);
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
    throw new ServiceError('config', 'apiKey is missing or has a character that no key has.');
  }
  if (!['v3', 'v4', 'v5'].includes(apiVersion))
    throw new ServiceError('config', 'apiVersion must be v3, v4 or v5.');
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 1 && timeoutMs <= 2 ** 31 - 1)) {
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
    if (request.signal?.aborted) throw aborted();
    tell(onEvent, { type: 'attempt', attempt });
    const started = Date.now();
    try {
      const init = { method: 'POST', headers, body, redirect: 'manual' };
      const { status, text, retryAfter } = await exchange(
        fetch,
        url,
        init,
        timeoutMs,
        request.signal,
      );
      tell(onEvent, { type: 'response', attempt, status, durationMs: Date.now() - started });
      if (status < 200 || status > 299)
        throw failure(status, text, retryAfter, request.authToken !== undefined);
      return readSession(status, text, request);
    } catch (error) {
      error.attempts = attempt;
      const delay = Math.max(
        Math.random() * Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (attempt - 1)),
        error.retryAfterMs ?? 0,
      );
      if (!error.retryable || attempt >= retry.attempts || error.retryAfterMs > retry.maxDelayMs) {
        tell(onEvent, { type: 'error', attempt, status: error.status, detail: error.kind });
        throw error;
      }
      tell(onEvent, { type: 'retry', attempt, durationMs: delay, detail: error.kind });
      await pause(delay, request.signal);
    }
  }
}

function baseUrl({ region, endpoint }) {
  if ((region === undefined) === (endpoint === undefined))
    throw new ServiceError('config', 'Give exactly one of region and endpoint.');
  if (region !== undefined) {
    const base = typeof region === 'string' && REGIONS[region.toLowerCase()];
    if (!base) throw new ServiceError('config', 'region must be eu, sg or us.');
    return base;
  }
  const url = URL.canParse(endpoint) && new URL(endpoint);
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
  if (!url || url.username || url.password || url.search || url.hash || !secure) {
    throw new ServiceError(
      'config',
      'endpoint must be https:, or http: on a loopback host, without user info, query or fragment.',
    );
  }
  return url.href.replace(/\/+$/, '');
}

function readRetry(retry = {}) {
  if (retry === false) return { attempts: 1, baseDelayMs: 0, maxDelayMs: 0 };
  const { attempts = 3, baseDelayMs = 250, maxDelayMs = 8000 } = retry;
  const delays = [baseDelayMs, maxDelayMs].every(
    (ms) => typeof ms === 'number' && ms >= 0 && ms <= 2 ** 31 - 1,
  );
  if (!delays || !Number.isInteger(attempts) || attempts < 1 || attempts > 20)
    throw new ServiceError('config', 'retry is out of range.');
  return { attempts, baseDelayMs, maxDelayMs };
}

function readRequest(request, apiVersion) {
  const { userId, deviceId, displayName, profileHandle, authToken, deviceInfo, signal } = request;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new ServiceError('invalidRequest', 'signal must be an AbortSignal.');
  }
  text('userId', userId, 1, 50);
  if (apiVersion === 'v5' && /^(ADMIN_|DELETED_)/.test(userId)) {
    throw new ServiceError('invalidRequest', 'userId may not begin with ADMIN_ or DELETED_.');
  }
  text('deviceId', deviceId, 1, 150);
  if (displayName !== undefined) text('displayName', displayName, 0, 100);
  if (profileHandle !== undefined) {
    text('profileHandle', profileHandle, 0, 100);
    if (apiVersion === 'v3')
      throw new ServiceError('invalidRequest', 'profileHandle needs v4 or v5.');
  }
  if (authToken !== undefined) text('authToken', authToken, 1, 100);
  if (deviceInfo !== undefined) {
    const { kind, model, sdkVersion } = deviceInfo;
    if (kind !== undefined && !['ios', 'android', 'web', 'node'].includes(kind)) {
      throw new ServiceError('invalidRequest', "deviceInfo.kind is none of the service's.");
    }
    if (model !== undefined) text('deviceInfo.model', model, 0, apiVersion === 'v5' ? 300 : 100);
    if (sdkVersion !== undefined) text('deviceInfo.sdkVersion', sdkVersion, 0, 30);
  }
  return { userId, deviceId, displayName, profileHandle, authToken, deviceInfo };
}

function text(field, value, least, most) {
  if (
    typeof value !== 'string' ||
    value.length < least ||
    value.length > most ||
    HALF.test(value)
  ) {
    throw new ServiceError('invalidRequest', `${field} must have ${least} to ${most} characters.`);
  }
}

/** One attempt: ends at the timeout and at the caller's signal even if fetch heeds neither. */
async function exchange(fetch, url, init, timeoutMs, signal) {
  const controller = new AbortController();
  let timer;
  let onAbort;
  const interrupted = new Promise((_, reject) => {
    const end = (error) => {
      reject(error);
      controller.abort();
    };
    timer = setTimeout(
      () => end(new ServiceError('timeout', 'There was no whole answer in time.')),
      timeoutMs,
    );
    onAbort = () => end(aborted());
    signal?.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([
      fetchWhole(fetch, url, { ...init, signal: controller.signal }),
      interrupted,
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function fetchWhole(fetch, url, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new ServiceError('network', 'There was no answer.');
  }
  const status = response?.status;
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new ServiceError('invalidResponse', 'fetch gave something that is no response.');
  }
  try {
    return {
      status,
      text: await readLimited(response),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (error) {
    throw error instanceof ServiceError
      ? error
      : new ServiceError('network', 'The answer was cut short.');
  }
}

async function readLimited(response) {
  const tooLarge = () => new ServiceError('invalidResponse', 'The answer is over 1 MiB.');
  if (!response.body) {
    const whole = await response.text();
    if (whole.length > LIMIT) throw tooLarge();
    return whole;
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let size = 0;
  let whole = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole + decoder.decode();
    size += value.byteLength;
    if (size > LIMIT) {
      reader.cancel().catch(() => {});
      throw tooLarge();
    }
    whole += decoder.decode(value, { stream: true });
  }
}

const aborted = () => new ServiceError('aborted', 'The call was aborted.');

function failure(status, text, retryAfter, withAuthToken) {
  const body = parse(text);
  const code = Number(body?.code) || undefined;
  const seconds = /^\d+$/.test(retryAfter ?? '')
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.now();
  const more = {
    status,
    code,
    retryAfterMs: Number.isNaN(seconds) ? undefined : Math.max(0, seconds),
  };
  if (status < 400) return new ServiceError('invalidResponse', 'The answer was a redirect.', more);
  return new ServiceError(
    classify(status, code, body, withAuthToken),
    'The service refused the session.',
    more,
  );
}

function classify(status, code, body, withAuthToken) {
  switch (code) {
    case 400000:
      return 'invalidRequest';
    case 400100:
      return 'unauthorized';
    case 400300:
      return withAuthToken ? 'forbidden' : 'secureModeRequired';
    case 400301:
    case 403998:
    case 403999:
      return 'forbidden';
    case 400311:
      return 'rateLimited';
    case 400312:
      return 'banned';
    case 400323:
      return 'quotaExceeded';
    case 400400:
      return 'notFound';
    case 500000:
      if (status === 422 || body.data) return 'invalidRequest';
  }
  if (status === 403) return withAuthToken ? 'forbidden' : 'secureModeRequired';
  const known = { 401: 'unauthorized', 404: 'notFound', 408: 'timeout', 429: 'rateLimited' };
  return known[status] ?? (status >= 500 ? 'server' : 'invalidRequest');
}

function readSession(status, text, { userId, deviceId }) {
  const refuse = (kind, message) => new ServiceError(kind, message, { status });
  const body = parse(text);
  const { accessToken, refreshToken, users, files = [], userType } = body ?? {};
  if (typeof accessToken !== 'string' || !accessToken || !Array.isArray(users)) {
    throw refuse('invalidResponse', 'The answer is no session.');
  }
  const user = users.find((user) => user?.userId === userId);
  if (!user)
    throw refuse('invalidResponse', 'The answer is not about the user that was asked for.');
  if (user.isGlobalBan === true) throw refuse('banned', 'The user is globally banned.');
  if (user.isDeleted === true) throw refuse('notFound', 'The user has been deleted.');
  let issued = date(body.issuedAt);
  let expires = date(body.expiresAt);
  if (issued === undefined || expires === undefined) {
    const claims = parse(payload(accessToken));
    issued ??= typeof claims?.iat === 'number' ? claims.iat * 1000 : Date.now();
    expires ??= typeof claims?.exp === 'number' ? claims.exp * 1000 : Date.now() + 86_400_000;
  }
  const whole = {
    roles: [],
    permissions: [],
    metadata: {},
    isGlobalBan: false,
    isDeleted: false,
    ...user,
  };
  const [issuedAt, expiresAt] = [new Date(issued), new Date(expires)];
  return new Session({
    accessToken,
    refreshToken,
    issuedAt,
    expiresAt,
    userId,
    deviceId,
    user: whole,
    users,
    files,
    userType,
  });
}

const date = (text) =>
  (typeof text === 'string' && ISO.test(text) && Date.parse(text)) || undefined;

function payload(token) {
  try {
    return atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tell(onEvent, event) {
  try {
    onEvent?.({ at: Date.now(), operation: 'createSession', ...event });
  } catch {
    // The listener's own trouble.
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(aborted());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

// The part of by-hand.mjs that makes one attempt. by-hand.mjs is a `createSession` written without
// this library, with which `cargo xtask bench` compares the package. This part sends the request,
// limits the time and the size of the response, and converts an error response to a `ServiceError`.
// It also contains the pause between two attempts.

/** @typedef {{ status: number, text: string, retryAfter: string | null }} Reply */

const MAX_BODY_LENGTH = 1 << 20;
const RETRYABLE = new Set(['network', 'timeout', 'rateLimited', 'server']);

export class ServiceError extends Error {
  attempts = 0;

  /**
   * @param {string} kind
   * @param {string} message
   * @param {{ status?: number, code?: number, retryAfterMs?: number }} details
   */
  constructor(kind, message, { status, code, retryAfterMs } = {}) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.retryable = RETRYABLE.has(kind);
  }
}

/**
 * Sends a request and reads the response. Rejects at the timeout or when the caller's signal
 * aborts, even if `fetch` ignores its signal.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @param {RequestInit} init
 * @param {number} timeoutMs
 * @param {AbortSignal} [signal]
 * @returns {Promise<Reply>}
 */
export async function exchange(fetch, url, init, timeoutMs, signal) {
  const controller = new AbortController();
  /** @type {(error: ServiceError) => void} */
  let interrupt = () => {};
  /** @type {Promise<never>} */
  const interrupted = new Promise((_, reject) => {
    interrupt = (error) => {
      reject(error);
      controller.abort();
    };
  });
  const onTimeout = () => interrupt(new ServiceError('timeout', 'The request timed out.'));
  const onAbort = () => interrupt(createAbortedError());
  const timer = setTimeout(onTimeout, timeoutMs);
  signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([
      fetchText(fetch, url, { ...init, signal: controller.signal }),
      interrupted,
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<Reply>}
 */
async function fetchText(fetch, url, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new ServiceError('network', 'There was no response.');
  }
  const status = response?.status;
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new ServiceError('invalidResponse', 'fetch returned something that is not a response.');
  }
  try {
    return {
      status,
      text: await readText(response),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (error) {
    throw error instanceof ServiceError
      ? error
      : new ServiceError('network', 'The connection was interrupted.');
  }
}

/** @param {Response} response */
async function readText(response) {
  const createTooLargeError = () =>
    new ServiceError('invalidResponse', 'The response is larger than 1 MiB.');
  if (!response.body) {
    const whole = await response.text();
    if (whole.length > MAX_BODY_LENGTH) throw createTooLargeError();
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
    if (size > MAX_BODY_LENGTH) {
      reader.cancel().catch(() => {});
      throw createTooLargeError();
    }
    whole += decoder.decode(value, { stream: true });
  }
}

export const createAbortedError = () => new ServiceError('aborted', 'The call was aborted.');

/**
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter
 * @param {boolean} hasAuthToken
 */
export function createServiceError(status, text, retryAfter, hasAuthToken) {
  const body = parse(text);
  const code = Number(body?.code) || undefined;
  const delayMs = /^\d+$/.test(retryAfter ?? '')
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter ?? '') - Date.now();
  const details = {
    status,
    code,
    retryAfterMs: Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs),
  };
  if (status < 400)
    return new ServiceError('invalidResponse', 'The response is a redirect.', details);
  return new ServiceError(
    classify(status, code, body, hasAuthToken),
    'The service refused the session.',
    details,
  );
}

/**
 * @param {number} status
 * @param {number | undefined} code
 * @param {any} body
 * @param {boolean} hasAuthToken
 */
function classify(status, code, body, hasAuthToken) {
  switch (code) {
    case 400000:
      return 'invalidRequest';
    case 400100:
      return 'unauthorized';
    case 400300:
      return hasAuthToken ? 'forbidden' : 'secureModeRequired';
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
  if (status === 403) return hasAuthToken ? 'forbidden' : 'secureModeRequired';
  /** @type {Record<number, string>} */
  const kinds = { 401: 'unauthorized', 404: 'notFound', 408: 'timeout', 429: 'rateLimited' };
  return kinds[status] ?? (status >= 500 ? 'server' : 'invalidRequest');
}

/**
 * Parses JSON. Returns `undefined` if the text is not JSON.
 *
 * @param {string} text
 */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Waits for `ms` milliseconds. Rejects if the signal aborts first.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(createAbortedError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

// Sends the requests of a call: `fetch(url, init)` with a timeout for each attempt, the caller's
// signal, and retries. JavaScript does the I/O; Rust (`interpret`) decides what a response means
// and whether to retry. A wasm function returns without waiting and keeps no state. Each request
// crosses the boundary once to be built, and each response once to be interpreted.
//
// `fetch` gets a URL and an init, never a `Request`: constructing a `Request` takes longer than the
// rest of a call, and it drops the runtime's own init options (`dispatcher`, `client`, `tls`,
// `cf`). The caller provides `fetch` and the signal, so both may throw or return any value.

import { isAborted, listen } from './abort.js';
import { MAX_HTTP_STATUS, MIN_HTTP_STATUS, MS_PER_SECOND } from './constants.js';
import {
  MAX_RESPONSE_BYTES,
  MAX_TIMER_MS,
  RESPONSE_INPUT_JSON,
  RESPONSE_INPUT_TEXT,
  RESPONSE_INPUT_USER_ID,
  TROUBLE_ABORTED,
  TROUBLE_CONNECTION_CLOSED,
  TROUBLE_NETWORK,
  TROUBLE_NOT_A_RESPONSE,
  TROUBLE_TIMEOUT,
  TROUBLE_TOO_LARGE,
} from './wire.js';

/**
 * @typedef {object} Outcome The outcome of one attempt.
 * @property {number} status The HTTP status, or a `TROUBLE_…`.
 * @property {number} [retryAfterMs]
 * @property {string} [text] The body; undefined if there was no complete response.
 *
 * @typedef {object} HttpRequest A request that wasm built.
 * @property {string} method
 * @property {string} url
 * @property {string} headers Lines, which alternate between the name and the value of a header.
 * @property {string} [body]
 * @property {number} timeoutMs
 *
 * @typedef {(url: string, init: any) => Promise<Response>} Fetch
 */

/** @type {Outcome} */
const NO_RESPONSE = { status: TROUBLE_NETWORK };
/** @type {Outcome} */
const NOT_A_RESPONSE = { status: TROUBLE_NOT_A_RESPONSE };
/** @type {Outcome} */
const TOO_LARGE = { status: TROUBLE_TOO_LARGE };
/** @type {Outcome} */
const TIMED_OUT = { status: TROUBLE_TIMEOUT };
/** @type {Outcome} */
const ABORTED = { status: TROUBLE_ABORTED };
/** @type {Outcome} */
const CONNECTION_CLOSED = { status: TROUBLE_CONNECTION_CLOSED };

/** How many chunks are read before the event loop gets a turn. */
const CHUNKS_PER_TURN = 1024;

/**
 * Matches the error codes and messages with which runtimes report that the server closed the
 * connection. A server that requires a client certificate does so if the client has none.
 */
const CLOSED_ERROR =
  // lint:allow-long-line
  /alert|eproto|epipe|connreset|err_socket|handshake|close_notify|connection (was )?(lost|closed)|internal error/i;

/**
 * Classifies an error of `fetch`. The result contains no part of the error, because the error may
 * repeat the value of a header.
 *
 * @param {any} error
 */
const classifyError = (error) => {
  try {
    const { code, message } = error.cause ?? error;
    return CLOSED_ERROR.test(`${code} ${message}`) ? CONNECTION_CLOSED : NO_RESPONSE;
  } catch {
    return NO_RESPONSE;
  }
};

/**
 * Resolves to the outcome that comes first: that of `start`, a timeout after `ms`, or an abort. A
 * timeout or an abort also calls `stop`. If the signal has already aborted, calls neither function.
 * The promise of `start` must not reject.
 *
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @param {(ended: Promise<Outcome>) => Promise<Outcome>} start
 * @param {() => void} stop
 * @returns {Promise<Outcome>}
 */
const race = async (ms, signal, start, stop) => {
  /** @type {(outcome: Outcome) => void} */
  let end = () => {};
  /** @type {Promise<Outcome>} */
  const ended = new Promise((resolve) => {
    end = (outcome) => {
      stop();
      resolve(outcome);
    };
  });
  const timer = setTimeout(end, ms, TIMED_OUT);
  const stopListening = listen(signal, () => end(ABORTED));
  // Check again: a getter or method of the caller may have aborted the signal since the last check.
  const first = isAborted(signal) ? ABORTED : await Promise.race([ended, start(ended)]);
  clearTimeout(timer);
  stopListening();
  return first;
};

/**
 * Reads `Retry-After`, a number of seconds or a date. Returns the wait from now in milliseconds, or
 * undefined if the header is missing or malformed.
 *
 * @param {any} headers
 */
const readRetryAfter = (headers) => {
  const text = headers?.get?.('retry-after');
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text.trim())) return Math.min(Number(text) * MS_PER_SECOND, MAX_TIMER_MS + 1);
  const at = /\d GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
};

/**
 * Decodes a body. Returns an empty text for invalid UTF-8, so that `interpret` can still judge the
 * status.
 *
 * @param {Uint8Array[]} chunks
 */
const decode = (chunks) => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return (
      chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
    );
  } catch {
    return '';
  }
};

/**
 * Calls `fetch` and reads the body. Never rejects.
 *
 * @param {Fetch | undefined} fetch
 * @param {string} url
 * @param {{ signal: AbortSignal }} init
 * @returns {Promise<Outcome>}
 */
const fetchText = async (fetch, url, init) => {
  let response;
  try {
    // Call `fetch` without `this`. The app may replace the global `fetch` between two attempts.
    response = await (fetch ?? globalThis.fetch)(url, init);
  } catch (error) {
    return classifyError(error);
  }
  let isReading = false;
  try {
    const { status, body } = response;
    // With `redirect: 'manual'`, browsers report a redirect as status 0.
    if (
      !Number.isInteger(status) ||
      (status && status < MIN_HTTP_STATUS) ||
      status > MAX_HTTP_STATUS
    )
      return NOT_A_RESPONSE;
    const retryAfterMs = readRetryAfter(response.headers);
    let text = '';
    if (typeof body?.getReader === 'function') {
      const reader = body.getReader();
      const chunks = [];
      for (let size = 0; ;) {
        isReading = true;
        const { done, value } = await reader.read();
        isReading = false;
        if (done) break;
        const isBytes = ArrayBuffer.isView(value);
        // An empty chunk counts as one byte, so that endless empty chunks also reach the limit.
        if (isBytes) size += value.byteLength || 1;
        // After an abort or a timeout, `race` ignores the result, but the stream must be cancelled.
        if (!isBytes || size > MAX_RESPONSE_BYTES || init.signal.aborted) {
          reader.cancel().catch(() => {});
          return isBytes ? TOO_LARGE : NOT_A_RESPONSE;
        }
        // Let the event loop run: a stream whose chunks are always ready would block the timeout.
        if (chunks.push(value) % CHUNKS_PER_TURN === 0)
          await new Promise((resolve) => setTimeout(resolve));
      }
      text = decode(chunks);
    } else if (body !== null || status) {
      // Responses of React Native and of test doubles have no stream.
      const pendingText = response.text();
      isReading = true;
      text = await pendingText;
      isReading = false;
      if (typeof text !== 'string') return NOT_A_RESPONSE;
      if (text.length > MAX_RESPONSE_BYTES) return TOO_LARGE;
    }
    return { status, retryAfterMs, text };
  } catch {
    // A failure while reading means that the connection was lost. Any other failure means that the
    // value is not a response.
    return isReading ? NO_RESPONSE : NOT_A_RESPONSE;
  }
};

/** @param {any} text */
const tryParse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Makes one attempt.
 *
 * @param {Fetch | undefined} fetch
 * @param {HttpRequest} request
 * @param {AbortSignal | undefined} signal
 */
export const sendOnce = (fetch, { method, url, headers, body, timeoutMs }, signal) => {
  const controller = new AbortController();
  const lines = headers.split('\n');
  /** @type {Record<string, string>} */
  const fields = {};
  for (let name; (name = lines.shift());) fields[name] = lines.shift() ?? '';
  const init = { method, headers: fields, body, redirect: 'manual', signal: controller.signal };
  return race(
    timeoutMs,
    signal,
    () => fetchText(fetch, url, init),
    () => controller.abort(),
  );
};

/**
 * Sends a request, repeats it as long as `interpret` asks for a retry, and returns the last result
 * of `interpret`. `call.attempts` counts the attempts of all requests of the call.
 *
 * @param {import('./calls.js').Invoke} invoke
 * @param {import('./calls.js').Run} interpret
 * @param {HttpRequest & { purpose: number, retry: number[] }} request
 * @param {import('./input.js').Call} call
 */
export const send = async (invoke, interpret, request, call) => {
  const { fetch, signal, userId, report } = call;
  for (let attempt = 1; ; attempt += 1) {
    let outcome = ABORTED;
    if (!isAborted(signal)) {
      call.attempts += 1;
      report?.('attempt', { attempt });
      const started = Date.now();
      outcome = await sendOnce(fetch, request, signal);
      if (outcome.text !== undefined) {
        const durationMs = Date.now() - started;
        report?.('response', { attempt, status: outcome.status, durationMs });
      }
    }
    /** @type {unknown[]} */
    const list = [];
    list[RESPONSE_INPUT_USER_ID] = userId;
    list[RESPONSE_INPUT_TEXT] = outcome.text;
    list[RESPONSE_INPUT_JSON] = tryParse(outcome.text);
    const result = invoke(
      interpret,
      list,
      request.purpose,
      ...request.retry,
      attempt,
      Math.random(),
      call.clock.now(),
      outcome.status,
      outcome.retryAfterMs ?? -1,
    );
    const { pauseMs } = result;
    if (pauseMs === undefined) return result;
    report?.('retry', { attempt, durationMs: pauseMs, detail: result.kind });
    await race(
      pauseMs,
      signal,
      (ended) => ended,
      () => {},
    );
  }
};

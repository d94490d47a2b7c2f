// The requests of a call: `fetch(url, init)` with a timeout for each attempt, the caller's signal,
// and retries. JavaScript does the I/O and Rust decides (`judge`): what is sent, what an answer
// means, whether and when to try again. So nothing in wasm outlives a function, and a call costs
// two crossings of the boundary.
//
// `fetch` is called with an address and an init, never with a `Request`: making one costs more than
// all the rest, and loses what a runtime's own init may carry (`dispatcher`, `client`, `tls`,
// `cf`). It and the signal are the caller's own, and may do anything.

import {
  TROUBLE_ABORTED,
  TROUBLE_CONNECTION_CLOSED,
  TROUBLE_NETWORK,
  TROUBLE_NOT_A_RESPONSE,
  TROUBLE_TIMEOUT,
  TROUBLE_TOO_LARGE,
} from './wire.js';

/** The largest answer that is read, in bytes. */
const LIMIT = 1 << 20;

// The outcomes of an attempt without a usable response, in place of a status.
const UNANSWERED = { status: TROUBLE_NETWORK };
const JUNK = { status: TROUBLE_NOT_A_RESPONSE };
const TOO_LARGE = { status: TROUBLE_TOO_LARGE };
const TIMED_OUT = { status: TROUBLE_TIMEOUT };
const ABORTED = { status: TROUBLE_ABORTED };
const CUT_OFF = { status: TROUBLE_CONNECTION_CLOSED };

/**
 * What runtimes say, in a code or only in words, when a server closes the connection on them, as
 * one that wants a client certificate does.
 */
const CLOSED =
  /alert|eproto|epipe|connreset|err_socket|handshake|close_notify|connection (was )?(lost|closed)|internal error/i;

/** Looks at an error, and passes nothing of it on: it may repeat a header's value. */
const unanswered = (error) => {
  try {
    const { code, message } = error.cause ?? error;
    return CLOSED.test(`${code} ${message}`) ? CUT_OFF : UNANSWERED;
  } catch {
    return UNANSWERED;
  }
};

const isAborted = (signal) => {
  try {
    return signal?.aborted === true;
  } catch {
    return false;
  }
};

/**
 * Resolves to what comes first: what `start` begins, which never rejects, or the end of `ms`, or an
 * abort; the last two `stop` it.
 */
const race = async (ms, signal, start, stop) => {
  let ring;
  const rung = new Promise((resolve) => {
    ring = (cause) => {
      stop();
      resolve(cause);
    };
  });
  const onAbort = () => ring(ABORTED);
  // A signal that throws is one that never aborts.
  const listen = (method) => {
    try {
      signal?.[method]('abort', onAbort);
    } catch {}
  };
  const timer = setTimeout(ring, ms, TIMED_OUT);
  listen('addEventListener');
  // The caller may have aborted from within its own listener.
  const first = isAborted(signal) ? ABORTED : await Promise.race([rung, start(rung)]);
  clearTimeout(timer);
  listen('removeEventListener');
  return first;
};

/** `Retry-After`, in seconds or as a date, in milliseconds from now. */
const retryAfter = (headers) => {
  const text = headers?.get?.('retry-after');
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text.trim())) return Math.min(text * 1000, 2 ** 31);
  const at = /\d GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
};

/** The text of the chunks; an empty one if they are no UTF-8, so that the status still counts. */
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

/** Resolves to `{status, retryAfterMs, text}` or to one of the troubles, and never rejects. */
const answer = async (fetch, url, init) => {
  let response;
  try {
    // Unbound, and the global one is looked up now.
    response = await (fetch ?? globalThis.fetch)(url, init);
  } catch (error) {
    return unanswered(error);
  }
  let reading = false;
  try {
    const { status, body } = response;
    // A browser gives 0 for the redirect that it was told not to follow.
    if (!Number.isInteger(status) || (status && status < 100) || status > 599) return JUNK;
    const retryAfterMs = retryAfter(response.headers);
    let text = '';
    if (typeof body?.getReader === 'function') {
      const reader = body.getReader();
      const chunks = [];
      for (let size = 0; ;) {
        reading = true;
        const { done, value } = await reader.read();
        reading = false;
        if (done) break;
        // A chunk counts at least one byte, so that a stream of empty ones ends too. After a
        // timeout or an abort nobody waits for the rest.
        size += Math.max(value.byteLength, 1) || 1;
        if (size > LIMIT || init.signal.aborted) {
          reader.cancel().catch(() => {});
          return TOO_LARGE;
        }
        chunks.push(value);
      }
      text = decode(chunks);
    } else if (body !== null || status) {
      // React Native and test doubles have no streams.
      const whole = response.text();
      reading = true;
      text = await whole;
      reading = false;
      if (typeof text !== 'string') return JUNK;
      if (text.length > LIMIT) return TOO_LARGE;
    }
    return { status, retryAfterMs, text };
  } catch {
    // A connection that breaks while the body comes is as good as none; anything else was no
    // response at all.
    return reading ? UNANSWERED : JUNK;
  }
};

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** One attempt. The headers are lines, a name and its value by turns. */
export const exchange = (fetch, { method, url, headers, body, timeoutMs }, signal) => {
  const controller = new AbortController();
  const init = { method, headers: {}, body, redirect: 'manual', signal: controller.signal };
  const lines = headers.split('\n');
  for (let i = 1; i < lines.length; i += 2) init.headers[lines[i - 1]] = lines[i];
  return race(
    timeoutMs,
    signal,
    () => answer(fetch, url, init),
    () => controller.abort(),
  );
};

/**
 * Sends a request until `judge` says that it is over; resolves to what it says then. `call` is what
 * input.js has read; `call.attempts` counts the requests of the call, `attempt` those of this
 * request.
 */
export const send = async ({ cross, judge }, request, call) => {
  const { fetch, signal, userId, report } = call;
  for (let attempt = 1; ; attempt += 1) {
    let came = ABORTED;
    if (!isAborted(signal)) {
      call.attempts += 1;
      report?.('attempt', { attempt });
      const started = Date.now();
      came = await exchange(fetch, request, signal);
      if (came.text !== undefined)
        report?.('response', { attempt, status: came.status, durationMs: Date.now() - started });
    }
    const numbers = [
      request.purpose,
      ...request.retry,
      attempt,
      Math.random(),
      call.clock.now(),
      came.status,
      came.retryAfterMs ?? -1,
    ];
    const said = cross(judge, [userId, came.text, parse(came.text)], ...numbers);
    const { pauseMs } = said;
    if (pauseMs === undefined) return said;
    report?.('retry', { attempt, durationMs: pauseMs, detail: said.kind });
    await race(
      pauseMs,
      signal,
      (rung) => rung,
      () => {},
    );
  }
};

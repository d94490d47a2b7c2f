// One attempt: a fetch and the whole of its answer, or what came in between. This much is JavaScript because a fetch and a signal are the caller's own
// and may do anything, which costs a line here and a dozen across the boundary; and because one crossing an attempt is what makes a call fast.

// What became of an attempt without an answer; `read` in mod.rs knows the numbers.
const UNANSWERED = 1;
const JUNK = 2;
const TOO_LARGE = 3;
const TIMED_OUT = 4;
const ABORTED = 5;

/** Resolves to what comes first: what `start` begins, which never rejects, or the end of `ms`, or an abort; the last two `stop` it. */
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
  const first = await Promise.race([rung, start(rung)]);
  clearTimeout(timer);
  listen('removeEventListener');
  return first;
};

/** Waits before the next attempt, but not beyond an abort; `attempt` is the one that failed. */
export const pause = (ms, signal, onEvent, attempt, detail) => {
  onEvent?.('retry', { attempt, durationMs: ms, detail });
  return race(ms, signal, (rung) => rung, () => {});
};

/** Whether the caller has aborted. */
export const aborted = (signal) => signal?.aborted === true;

/** `Retry-After`, in seconds or as a date, in milliseconds from now. */
const retryAfter = (headers) => {
  const text = headers?.get?.('retry-after');
  if (typeof text !== 'string') return undefined;
  if (/^\d+$/.test(text.trim())) return text * 1000;
  const at = /\d GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
};

/** The text of the chunks; an empty one if they are no UTF-8, so that the status still counts. */
const decode = (chunks) => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
  } catch {
    return '';
  }
};

/** Resolves to `{status, retryAfterMs, text}` or one of the numbers above, and never rejects: what a foreign fetch throws may repeat a header's value. */
const answer = async (fetch, url, init, limit) => {
  let response;
  try {
    response = await (fetch ?? globalThis.fetch)(url, init);
  } catch {
    return UNANSWERED;
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
      for (let size = 0; ; ) {
        reading = true;
        const { done, value } = await reader.read();
        reading = false;
        if (done) break;
        // A chunk counts at least one byte, so that a stream of empty ones ends too. After a timeout or an abort nobody waits for the rest.
        size += value.byteLength || 1;
        if (size > limit || init.signal.aborted) {
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
      if (text.length > limit) return TOO_LARGE;
    }
    return { status, retryAfterMs, text };
  } catch {
    // A connection that breaks while the body comes is as good as none; anything else was no response at all.
    return reading ? UNANSWERED : JUNK;
  }
};

/**
 * One attempt; `onEvent` never throws. `headers` are lines, a name and its value by turns; `limit` is in bytes. Without `fetch` it is the global one, looked up now; either is
 * called unbound, with an address and an init.
 */
export const exchange = (fetch, url, method, headers, body, signal, ms, limit, onEvent, attempt) => {
  const controller = new AbortController();
  const init = { method, headers: {}, body, redirect: 'manual', signal: controller.signal };
  const lines = headers.split('\n');
  for (let i = 1; i < lines.length; i += 2) init.headers[lines[i - 1]] = lines[i];
  onEvent?.('attempt', { attempt });
  const started = Date.now();
  const tell = (answered) => {
    if (answered.status) onEvent?.('response', { attempt, status: answered.status, durationMs: Date.now() - started });
    return answered;
  };
  return race(ms, signal, () => answer(fetch, url, init, limit).then(tell), () => controller.abort());
};

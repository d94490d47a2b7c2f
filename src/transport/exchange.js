// One fetch and the whole of its answer. This much is JavaScript because a fetch is the caller's own and may do anything: an async function adopts
// whatever it returns, throws or rejects with, at the price of one boundary crossing for the whole exchange instead of one for each step of it.

/** What became of an exchange that has no answer; `read` in mod.rs knows the numbers. */
const UNANSWERED = 1;
const JUNK = 2;
const TOO_LARGE = 3;

/** `Retry-After`, in seconds or as a date, in milliseconds from now. */
const retryAfter = (headers) => {
  const text = headers?.get?.('retry-after');
  if (typeof text !== 'string') return undefined;
  const ms = /^\s*\d+\s*$/.test(text) ? text * 1000 : Math.max(0, Date.parse(text) - Date.now());
  return Number.isNaN(ms) ? undefined : ms;
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

/**
 * Resolves to `{status, retryAfterMs, text}`, or to one of the numbers above, and never rejects: what a foreign fetch throws may repeat a header's value.
 * `headers` are lines, a name and its value by turns; `limit` is in bytes. Without `fetch` it is the global one, looked up now; either is called unbound.
 */
export async function exchange(fetch, url, method, headers, body, signal, limit) {
  const init = { method, headers: {}, body, redirect: 'manual', signal };
  const lines = headers.split('\n');
  for (let i = 1; i < lines.length; i += 2) init.headers[lines[i - 1]] = lines[i];
  let response;
  try {
    response = await (fetch ?? globalThis.fetch)(url, init);
  } catch {
    return UNANSWERED;
  }
  let reading = false;
  try {
    const { status, body: stream } = response;
    // A browser gives 0 for the redirect that it was told not to follow.
    if (!Number.isInteger(status) || (status && status < 100) || status > 599) return JUNK;
    const answer = { status, retryAfterMs: retryAfter(response.headers), text: '' };
    if (typeof stream?.getReader === 'function') {
      const reader = stream.getReader();
      const chunks = [];
      for (let size = 0; ; ) {
        reading = true;
        const { done, value } = await reader.read();
        reading = false;
        if (done) break;
        // A chunk counts at least one byte, so that a stream of empty ones ends too. After a timeout or an abort nobody waits for the rest.
        size += value.byteLength || 1;
        if (size > limit || signal.aborted) {
          reader.cancel().catch(() => {});
          return TOO_LARGE;
        }
        chunks.push(value);
      }
      answer.text = decode(chunks);
    } else if (stream !== null || status) {
      // React Native and test doubles have no streams.
      const whole = response.text();
      reading = true;
      answer.text = await whole;
      reading = false;
      if (typeof answer.text !== 'string') return JUNK;
      if (answer.text.length > limit) return TOO_LARGE;
    }
    return answer;
  } catch {
    // A connection that breaks while the body comes is as good as none; anything else was no response at all.
    return reading ? UNANSWERED : JUNK;
  }
}

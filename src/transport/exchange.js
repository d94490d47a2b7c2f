// One fetch and the whole of its answer. This much is JavaScript because a fetch is the caller's own and may do anything: an async function adopts
// whatever it returns, throws or rejects with, at the price of one boundary crossing for the whole exchange instead of one for each step of it.

/** What became of an exchange that has no answer; `read` in mod.rs knows the numbers. */
const UNANSWERED = 1;
const JUNK = 2;
const TOO_LARGE = 3;

/**
 * Resolves to `{status, retryAfter, text}`, or to one of the numbers above, and never rejects: what a foreign fetch throws may repeat a header's value.
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
    const after = response.headers?.get?.('retry-after');
    const retryAfter = typeof after === 'string' ? after : undefined;
    let text = '';
    if (typeof stream?.getReader === 'function') {
      const reader = stream.getReader();
      const decoder = new TextDecoder();
      for (let size = 0; ; ) {
        reading = true;
        const { done, value } = await reader.read();
        reading = false;
        if (done) break;
        // A chunk counts at least one byte, so that a stream of empty ones ends too; one without a length is junk, and NaN is not within the limit.
        size += value.byteLength || 1;
        if (!(size <= limit)) {
          reader.cancel().catch(() => {});
          return TOO_LARGE;
        }
        text += decoder.decode(value, { stream: true });
      }
      text += decoder.decode();
    } else if (stream !== null || status) {
      // React Native and test doubles have no streams.
      const whole = response.text();
      reading = true;
      text = await whole;
      reading = false;
      if (typeof text !== 'string') return JUNK;
      if (text.length > limit) return TOO_LARGE;
    }
    return { status, retryAfter, text };
  } catch {
    // A connection that breaks while the body comes is as good as none; anything else was no response at all.
    return reading ? UNANSWERED : JUNK;
  }
}

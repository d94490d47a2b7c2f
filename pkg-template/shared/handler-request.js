// Decides whether a request may come from a page of the app, and reads its body.
import { MAX_BODY_BYTES } from './constants.js';
import { refuse } from './handler-refusals.js';

/** Matches the content type JSON. */
export const JSON_TYPE = /^application\/json *(;|$)/i;

/**
 * Returns whether to accept a request whose origin is not in `allowedOrigins`. The request must
 * come from a page of the app or, if `allowNonBrowser` is true, have neither a `Sec-Fetch-Site` nor
 * an `Origin`. A browser sets these headers, and no page can change them.
 *
 * @param {any} origin the header `Origin`, or null
 * @param {string | null} site the header `Sec-Fetch-Site`
 * @param {string} own the origin of the request's URL
 * @param {string[]} publicOrigins
 * @param {boolean | undefined} allowNonBrowser
 */
export const isFromOwnPage = (origin, site, own, publicOrigins, allowNonBrowser) => {
  if ((site ?? origin) === null) return allowNonBrowser;
  const isOwn = publicOrigins.length
    ? // `Sec-Fetch-Site` cannot replace this check. After DNS rebinding, the page and the routes
      // have the same host, which is the attacker's.
      publicOrigins.includes(origin)
    : // A URL that is not `http:` or `https:` may have the origin `null`, as a sandboxed page has.
      site !== null || (/^http/.test(origin) && origin === own);
  return isOwn && (site === null || site === 'same-origin');
};

/**
 * Reads the body, which must be a JSON object. Returns an empty object if there is no body. Stops
 * reading when `ended` rejects.
 *
 * @param {Request} request
 * @param {Promise<never>} ended
 * @returns {Promise<any>}
 */
export const readBody = async (request, ended) => {
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
      // An empty chunk counts as one byte, so that endless empty chunks also reach the limit.
      size += value.byteLength || 1;
      text += decoder.decode(value, { stream: true });
    }
    text += decoder.decode();
    body = text ? /^\s*\{/.test(text) && JSON.parse(text) : {};
  } catch {
    // `ended` rejected, or the body was interrupted, is not UTF-8 or is not JSON: `body` stays
    // undefined.
  }
  stream?.cancel().catch(() => {});
  if (size > MAX_BODY_BYTES) refuse('invalidRequest', 'The body must be at most 16 KiB.', 413);
  return body || refuse('invalidRequest', 'The body must be a JSON object.', 400);
};

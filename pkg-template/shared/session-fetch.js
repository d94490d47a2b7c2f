// Prepares a request of `SessionClient.fetch`: reads the caller's arguments once, so that the
// client can send the request again with a new token.
import { fail } from './error.js';

/** @import { SessionClientOptions } from 'social-plus-auth' */

/**
 * A prepared request. `send` may be called again only if `isReplayable` is true.
 *
 * @typedef {{
 *   send: (accessToken: string) => Promise<Response>, isReplayable: boolean
 * }} Outgoing
 */

const OPERATION = 'fetch';

/**
 * @param {unknown} input
 * @returns {Request | undefined} the input if it is a Request, even from another realm
 */
export const asRequest = (input) =>
  typeof (/** @type {any} */ (input)?.clone) === 'function'
    ? /** @type {Request} */ (input)
    : undefined;

/**
 * Reads a request. Throws `invalidRequest` if the request is unreadable or has another origin.
 *
 * @param {RequestInfo | URL} input
 * @param {RequestInit | undefined} init
 * @param {URL} base the service's base URL
 * @param {SessionClientOptions['fetch']} fetch
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Outgoing>}
 */
export const readRequest = async (input, init, base, fetch, signal) => {
  const request = asRequest(input);
  /** @type {any} */
  let body = init?.body;
  /** @type {URL} */
  let url;
  /** @type {Headers} */
  let headers;
  try {
    const address = String(request?.url ?? input);
    url = new URL(/^\/(?!\/)/.test(address) ? base.href + address.slice(1) : address, base);
    headers = new Headers(init?.headers ?? request?.headers);
    // The method tells whether there may be a body, because Firefox lacks `Request.body`.
    if (request && !/^(GET|HEAD)$/.test(request.method)) body ??= await request.arrayBuffer();
  } catch {
    return fail('invalidRequest', OPERATION, 'The URL, headers or body could not be read.');
  }
  if (url.origin !== base.origin) {
    fail('invalidRequest', OPERATION, 'The URL is not on the service: pass a path.');
  }
  return {
    // A stream can be sent only once.
    isReplayable: !body?.getReader && !body?.[Symbol.asyncIterator],
    async send(accessToken) {
      headers.set('authorization', `Bearer ${accessToken}`);
      const { method } = request ?? {};
      const sentInit = { method, ...init, signal, body, headers, redirect: 'manual' };
      try {
        return await (fetch ?? globalThis.fetch)(url.href, /** @type {any} */ (sentInit));
      } catch {
        return signal?.aborted
          ? fail('aborted', OPERATION, 'The call was aborted by its signal.')
          : fail('network', OPERATION, 'Network error: no response from the service.');
      }
    },
  };
};

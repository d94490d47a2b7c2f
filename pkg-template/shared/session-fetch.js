// Prepares a request of `SessionClient.fetch`: reads the caller's arguments once, so that the
// client can send the request again with a new token.
import { isAborted } from './abort.js';
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
 * Reads a request. Throws `invalidRequest` if the request is unreadable, or if its URL is not below
 * the service's base URL: the token must not reach another tenant of a shared host.
 *
 * @param {RequestInfo | URL} input
 * @param {RequestInit | undefined} init
 * @param {URL} base the service's base URL, with a trailing slash
 * @param {SessionClientOptions['fetch']} fetch
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Outgoing>}
 */
export const readRequest = async (input, init, base, fetch, signal) => {
  /** @type {string} */
  let url;
  /** @type {Headers} */
  let headers;
  /** @type {object} */
  let sentInit;
  /** @type {boolean} */
  let isReplayable;
  try {
    const request = asRequest(input);
    const address = String(request?.url ?? input);
    // Parsing resolves `..` and `%2e%2e`.
    url = new URL(/^\/(?!\/)/.test(address) ? base.href + address.slice(1) : address, base).href;
    headers = new Headers(init?.headers ?? request?.headers);
    const method = init?.method ?? request?.method;
    /** @type {any} */
    let body = init?.body;
    // The method tells whether there may be a body, because Firefox lacks `Request.body`.
    if (request && !/^(GET|HEAD)$/.test(request.method)) body ??= await request.arrayBuffer();
    // A stream can be sent only once.
    isReplayable = !body?.getReader && !body?.[Symbol.asyncIterator];
    sentInit = { ...init, method, signal, body, headers, redirect: 'manual' };
  } catch {
    return fail('invalidRequest', OPERATION, 'The URL, headers or body could not be read.');
  }
  if (!url.startsWith(base.href)) {
    fail('invalidRequest', OPERATION, 'The URL is outside of the endpoint: pass a path.');
  }
  return {
    isReplayable,
    async send(accessToken) {
      headers.set('authorization', `Bearer ${accessToken}`);
      try {
        return await (fetch ?? globalThis.fetch)(url, /** @type {any} */ (sentInit));
      } catch {
        return isAborted(signal)
          ? fail('aborted', OPERATION, 'The call was aborted by its signal.')
          : fail('network', OPERATION, 'Network error: no response from the service.');
      }
    },
  };
};

// A `fetch` over node:http and node:https for every call of the command line. Node's own `fetch`
// takes client certificates only through the undici package, and hides why a connection failed.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';

/** @import { FetchLike } from 'social-plus-auth/edge' */

/** @type {string | undefined} */
let connectionError;

/**
 * Returns why the last request failed: a code like `ECONNREFUSED`, or a fixed text if the error has
 * no code. Returns `undefined` if the request succeeded or was aborted. The error's message is not
 * kept, because it may contain a secret.
 */
export const getLastConnectionError = () => connectionError;

/** Statuses for which `Response` refuses a body. */
const NULL_BODY_STATUSES = [204, 205, 304];

/**
 * Turns Node's flat list of names and values into `Headers`.
 *
 * @param {string[]} rawHeaders
 */
const toHeaders = (rawHeaders) => {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(String(rawHeaders[at]), String(rawHeaders[at + 1]));
  return headers;
};

/**
 * Turns a response of node:http into a `Response` that streams its body.
 *
 * @param {import('node:http').IncomingMessage} incoming
 * @param {string | undefined} method
 */
const toResponse = (incoming, method) => {
  const status = incoming.statusCode ?? 0;
  const hasBody = !NULL_BODY_STATUSES.includes(status) && method !== 'HEAD';
  // A 205 may have a body, which nothing would read or limit.
  if (!hasBody) incoming.destroy();
  const body = hasBody ? /** @type {ReadableStream} */ (Readable.toWeb(incoming)) : null;
  return new Response(body, { status, headers: toHeaders(incoming.rawHeaders) });
};

/**
 * Creates a `fetch` that presents the client certificate `cert` with its `key`, and trusts only the
 * authorities in `ca` if there are any. All are PEM texts. It does not follow redirects.
 *
 * @param {{ cert?: string, key?: string, ca?: string[] }} [certificates]
 * @returns {FetchLike}
 */
export const createFetch =
  ({ cert, key, ca } = {}) =>
  (url, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      connectionError = undefined;
      /** @param {unknown} error */
      const fail = (error) => {
        if (!signal?.aborted) connectionError = readErrorCode(error);
        reject(new TypeError('fetch failed'));
      };
      const send = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
      const request = send(url, {
        method,
        headers: {
          .../** @type {Record<string, string> | undefined} */ (headers),
          // Node does not add content-length to a DELETE request.
          ...(typeof body === 'string' && { 'content-length': Buffer.byteLength(body) }),
        },
        signal: signal ?? undefined,
        cert,
        key,
        ca,
        // Use one connection per request: an idle connection in a pool would keep Node running.
        agent: false,
      });
      request.on('error', fail);
      request.on('response', (incoming) => {
        incoming.on('error', fail);
        try {
          resolve(toResponse(incoming, method));
        } catch (error) {
          request.destroy();
          fail(error);
        }
      });
      request.end(body);
    });

/** @param {unknown} error */
const readErrorCode = (error) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z\d_]{3,80}$/.test(code) ? code : 'the connection broke';
};

// `fetch` over node:http and node:https: the `fetch` option of every call that the command line
// makes. Node's own takes no client certificate without undici, which is a package, and does not
// tell why a connection failed.
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable } from 'node:stream';

let trouble;

/**
 * Why the last connection failed, like `ECONNREFUSED`; nothing if it did not. Never more than the
 * code: messages may repeat anything.
 */
export const lastTrouble = () => trouble;

const BODILESS = [204, 205, 304];

const headersOf = (rawHeaders) => {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at], rawHeaders[at + 1]);
  return headers;
};

/**
 * A FetchLike that shows `cert` and `key`, and trusts `ca` (all of them PEM, all optional).
 * Redirects are not followed.
 */
export const wire =
  ({ cert, key, ca } = {}) =>
  (url, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      trouble = undefined;
      const failed = (error) => {
        // An abort is nobody's trouble.
        if (!signal?.aborted)
          trouble = /^[A-Z\d_]{3,80}$/.test(error.code) ? error.code : 'the connection broke';
        reject(new TypeError('fetch failed'));
      };
      const send = new URL(url).protocol === 'https:' ? overHttps : overHttp;
      // A connection for each request: one that waits would keep the command from ending. The
      // length is told, since Node tells none for a DELETE.
      const request = send(url, {
        method,
        headers:
          body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        signal,
        cert,
        key,
        ca,
        agent: false,
      });
      request.on('error', failed);
      request.on('response', (incoming) => {
        const { statusCode: status, rawHeaders } = incoming;
        incoming.on('error', failed);
        const empty = BODILESS.includes(status) || method === 'HEAD';
        if (empty) incoming.resume();
        try {
          resolve(
            new Response(empty ? null : Readable.toWeb(incoming), {
              status,
              headers: headersOf(rawHeaders),
            }),
          );
        } catch (error) {
          request.destroy();
          failed(error);
        }
      });
      request.end(body);
    });

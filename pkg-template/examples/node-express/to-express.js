// Turns a fetch handler into an Express handler. Mount it before `express.json()` and anything else
// that reads request bodies.
import { Readable } from 'node:stream';

/**
 * @param {(request: Request) => Promise<Response>} handler
 * @returns {import('express').RequestHandler}
 */
export const toExpress = (handler) => async (incoming, outgoing) => {
  const { method, rawHeaders, protocol, originalUrl } = incoming;
  const abort = new AbortController();
  outgoing.once('close', () => abort.abort());
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at], rawHeaders[at + 1]);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? /** @type {ReadableStream} */ (Readable.toWeb(incoming)) : undefined;
  let request;
  try {
    const url = `${protocol}://${incoming.get('host')}${originalUrl}`;
    request = new Request(url, { method, headers, body, duplex: 'half', signal: abort.signal });
  } catch {
    // `Request` rejected the URL or the method.
    return outgoing.sendStatus(400);
  }
  const response = await handler(request);
  outgoing.status(response.status).set(Object.fromEntries(response.headers));
  outgoing.end(await response.text());
};

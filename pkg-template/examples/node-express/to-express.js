// Makes an Express handler of a fetch handler. Mount it before anything that reads bodies,
// `express.json()` say.
import { Readable } from 'node:stream';

export const toExpress = (handler) => async (incoming, outgoing) => {
  const { method, rawHeaders, protocol, originalUrl } = incoming;
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at], rawHeaders[at + 1]);
  const body = method === 'GET' || method === 'HEAD' ? undefined : Readable.toWeb(incoming);
  let request;
  try {
    const url = `${protocol}://${incoming.get('host')}${originalUrl}`;
    request = new Request(url, { method, headers, body, duplex: 'half', signal: gone.signal });
  } catch {
    return outgoing.sendStatus(400);
  }
  const answer = await handler(request);
  outgoing.status(answer.status).set(Object.fromEntries(answer.headers));
  outgoing.end(await answer.text());
};

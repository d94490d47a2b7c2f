// Serves an emulator on a port, through node:http, which Deno and Bun have too. On loopback and to callers by a loopback name only, unless
// it is asked for otherwise: whatever page the developer has open could reach it as well.
import { SocialPlusError } from './error.js';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
// Ten times what the service itself reads: what is larger is not even taken in.
const BODY_BYTES = 10 << 20;

const failed = (kind, message) => new SocialPlusError({ kind, message, operation: 'listen' });

const check = ({ port = 0, hostname = '127.0.0.1', unsafeExpose = false, tls = false, ...unknown }) => {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw failed('config', `\`${name}\` is no option of listen.`);
  if (tls) throw failed('unsupported', '`tls` is not there yet: this version serves plain HTTP.');
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw failed('config', '`port` must be a whole number from 0 (any free one) to 65535.');
  }
  if (typeof hostname !== 'string' || hostname === '') throw failed('config', '`hostname` must be a string.');
  if (!LOOPBACK.includes(hostname) && unsafeExpose !== true) {
    throw failed('config', 'Anyone who reaches the emulator may sign in as anyone: another `hostname` needs `unsafeExpose: true`.');
  }
  return { port, hostname };
};

const bind = (server, port, hostname) =>
  new Promise((resolve, reject) => {
    server.on('error', ({ code }) => reject(failed('config', `The emulator cannot listen on port ${port}: ${code}.`)));
    server.listen(port, hostname, resolve);
  });

/** The whole body, or nothing if it is too large. */
const read = async (incoming) => {
  const chunks = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Blob(chunks);
};

const refuse = (outgoing, status, text) => {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  outgoing.end(text);
};

const headersOf = ({ rawHeaders }) => {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at], rawHeaders[at + 1]);
  return headers;
};

const serve = async (emulator, base, incoming, outgoing) => {
  const body = await read(incoming);
  if (body === undefined) return refuse(outgoing, 413, 'The body is too large.');
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  let request;
  try {
    const { method, url } = incoming;
    const bodiless = method === 'GET' || method === 'HEAD';
    request = new Request(new URL(base + url), { method, headers: headersOf(incoming), body: bodiless ? undefined : body });
  } catch {
    return refuse(outgoing, 400, 'Not a request that the emulator can read.');
  }
  const answer = await emulator.fetch(request, { signal: gone.signal });
  // Every connection carries one request: a browser sends a request again, unasked, if a connection breaks that was in use before.
  outgoing.writeHead(answer.status, [...answer.headers, ['connection', 'close']].flat());
  // A body that breaks off before its first byte still has a head.
  outgoing.flushHeaders();
  for await (const chunk of answer.body ?? []) await new Promise((written) => outgoing.write(chunk, written));
  outgoing.end();
};

export const listen = async (emulator, options = {}) => {
  const { port, hostname } = check({ ...options });
  const { createServer } = await import('node:http');
  let hosts;
  let base;
  const server = createServer((incoming, outgoing) => {
    // A page that has its own name resolve to loopback would be of the same origin as the emulator; its `Host` gives it away.
    if (hosts && !hosts.includes(incoming.headers.host?.toLowerCase())) return refuse(outgoing, 403, 'A foreign Host is refused.');
    // A dropped or cut answer rejects; the client then sees the connection end, as with any network error.
    serve(emulator, base, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await bind(server, port, hostname);
  const bound = server.address().port;
  const name = (host) => (host.includes(':') ? `[${host}]` : host);
  base = `http://${name(hostname)}:${bound}`;
  if (LOOPBACK.includes(hostname)) hosts = LOOPBACK.flatMap((host) => (bound === 80 ? [name(host)] : []).concat(`${name(host)}:${bound}`));
  let closed;
  return {
    url: base,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections?.();
      })),
  };
};

// Serves an emulator on a port, through node:http and node:tls, which Deno and Bun have too. On
// loopback and to callers by a loopback name only, unless it is asked for otherwise: whatever page
// the developer has open could reach it as well.
import { copy, serverOf } from './emulator.js';
import { SocialPlusError } from './error.js';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
// Ten times what the service itself reads: what is larger is not even taken in.
const BODY_BYTES = 10 << 20;

const failed = (kind, message) => new SocialPlusError({ kind, message, operation: 'listen' });

const check = ({
  port = 0,
  hostname = '127.0.0.1',
  unsafeExpose = false,
  tls = false,
  ...unknown
}) => {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw failed('config', `\`${name}\` is no option of listen.`);
  if (typeof tls !== 'boolean') throw failed('config', '`tls` must be true or false.');
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw failed('config', '`port` must be a whole number from 0 (any free one) to 65535.');
  }
  if (typeof hostname !== 'string' || hostname === '')
    throw failed('config', '`hostname` must be a string.');
  if (!LOOPBACK.includes(hostname) && unsafeExpose !== true) {
    throw failed(
      'config',
      'Anyone who reaches the emulator may sign in as anyone: another `hostname` needs `unsafeExpose: true`.',
    );
  }
  return { port, hostname, tls };
};

/** Refuses what is no emulator, nor made of one: it may have a `fetch` of its own in front. */
const checkEmulator = (given) => {
  try {
    if (typeof given.fetch === 'function' && typeof given.apiKey === 'string') return;
  } catch {
    // Nothing that could be read.
  }
  throw failed('config', 'listen takes what createEmulator gave.');
};

const bind = (server, port, hostname) =>
  new Promise((resolve, reject) => {
    server.on('error', ({ code }) =>
      reject(failed('config', `The emulator cannot listen on port ${port}: ${code}.`)),
    );
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
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at], rawHeaders[at + 1]);
  return headers;
};

/**
 * With TLS what the client showed goes along: whether it is good is the emulator's to say, by its
 * own clock.
 */
const answering = (emulator, tls) => {
  if (!tls) return (request, init) => emulator.fetch(request, init);
  const server = serverOf(emulator);
  return (request, init, socket) => server.fetch(request, init, socket.getPeerCertificate()?.raw);
};

const serve = async (answer, base, incoming, outgoing) => {
  const body = await read(incoming);
  if (body === undefined) return refuse(outgoing, 413, 'The body is too large.');
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  let request;
  try {
    const { method, url } = incoming;
    const bodiless = method === 'GET' || method === 'HEAD';
    request = new Request(new URL(base + url), {
      method,
      headers: headersOf(incoming),
      body: bodiless ? undefined : body,
    });
  } catch {
    return refuse(outgoing, 400, 'Not a request that the emulator can read.');
  }
  const response = await answer(request, { signal: gone.signal }, incoming.socket);
  // Every connection carries one request: a browser sends a request again, unasked, if a connection
  // breaks that was in use before.
  outgoing.writeHead(response.status, [...response.headers, ['connection', 'close']].flat());
  // A body that breaks off before its first byte still has a head.
  outgoing.flushHeaders();
  for await (const chunk of response.body ?? [])
    await new Promise((written) => outgoing.write(chunk, written));
  outgoing.end();
};

const identity = (emulator) => {
  const server = serverOf(emulator);
  if (!server) throw failed('config', '`tls` needs the very object that createEmulator gave.');
  return server.tlsOptions();
};

/**
 * TLS in front of an HTTP server. Not node:https, whose requests in Bun do not know their client's
 * certificate.
 */
const secured = async (http, settings) => {
  const { createServer } = await import('node:tls');
  // Which certificates count is decided at each request: the others are served without, so that the
  // handshake must let everyone in.
  const open = { rejectUnauthorized: false, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] };
  return createServer({ ...settings, ...open }, (socket) => http.emit('connection', socket));
};

export const listen = async (emulator, options = {}) => {
  checkEmulator(emulator);
  const { port, hostname, tls } = check(copy(options, 'config', 'listen'));
  const settings = tls ? identity(emulator) : undefined;
  const { createServer } = await import('node:http');
  const answer = answering(emulator, tls);
  let hosts;
  let base;
  const http = createServer((incoming, outgoing) => {
    // A page that has its own name resolve to loopback would be of the same origin as the emulator;
    // its `Host` gives it away.
    if (hosts && !hosts.includes(incoming.headers.host?.toLowerCase()))
      return refuse(outgoing, 403, 'A foreign Host is refused.');
    // A dropped or cut answer rejects; the client then sees the connection end, as with any network
    // error.
    serve(answer, base, incoming, outgoing).catch(() => outgoing.destroy());
  });
  const server = tls ? await secured(http, settings) : http;
  // Those that are still shaking hands are no connections of the HTTP server yet.
  const sockets = new Set();
  server.on('connection', (socket) =>
    sockets.add(socket.once('close', () => sockets.delete(socket))),
  );
  await bind(server, port, hostname);
  const bound = server.address().port;
  const name = (host) => (host.includes(':') ? `[${host}]` : host);
  base = `${tls ? 'https' : 'http'}://${name(hostname)}:${bound}`;
  if (LOOPBACK.includes(hostname))
    hosts = LOOPBACK.flatMap((host) =>
      (bound === (tls ? 443 : 80) ? [name(host)] : []).concat(`${name(host)}:${bound}`),
    );
  let closed;
  return {
    url: base,
    ...(tls && { caCertificate: settings.ca }),
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        http.closeAllConnections?.();
        for (const socket of sockets) socket.destroy();
      })),
  };
};

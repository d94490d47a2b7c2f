// Serves an emulator on a port, with node:http and node:tls, which Deno and Bun have too. On a
// loopback address, it accepts only requests whose `Host` is a loopback name. Without this check,
// any web page that the developer has open could call the emulator under a domain of its own.
import { getServer } from './emulator.js';
import { copyFields } from './emulator-input.js';
import { fail } from './error.js';

/**
 * @import { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
 * @import { Server } from 'node:net'
 * @import { TLSSocket, TlsOptions } from 'node:tls'
 * @import { Emulator, ListenOptions, Listening } from 'social-plus-auth/emulator'
 * @typedef {(request: Request, init: RequestInit, socket: IncomingMessage['socket'])
 *   => Promise<Response>} HandleRequest
 */

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const MAX_PORT = 65_535;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
// Ten times the service's limit, so that the emulated service can reject a body that is too large.
const MAX_BODY_BYTES = 10 << 20;

/** @param {string} message */
const failConfig = (message) => fail('config', 'listen', message);

/** @param {unknown} options */
const readOptions = (options) => {
  const {
    port = 0,
    hostname = '127.0.0.1',
    unsafeExpose = false,
    tls = false,
    ...unknown
  } = copyFields(options, 'config', 'listen');
  const [name] = Object.keys(unknown);
  if (name !== undefined) return failConfig(`\`${name}\` is not an option of listen.`);
  if (typeof tls !== 'boolean') return failConfig('`tls` must be true or false.');
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 0;
  if (!isPort || port > MAX_PORT)
    return failConfig(`\`port\` must be a whole number from 0 (any free port) to ${MAX_PORT}.`);
  if (typeof hostname !== 'string' || hostname === '')
    return failConfig('`hostname` must be a non-empty string.');
  if (!LOOPBACK.includes(hostname) && unsafeExpose !== true)
    return failConfig(
      'A `hostname` other than loopback requires `unsafeExpose: true`: anyone who reaches ' +
        'the emulator can sign in as any user.',
    );
  return { port, hostname, tls };
};

/**
 * Checks that the value is an emulator or an object that wraps one, perhaps with its own `fetch`.
 *
 * @param {Emulator} emulator
 */
const checkEmulator = (emulator) => {
  try {
    if (typeof emulator.fetch === 'function' && typeof emulator.apiKey === 'string') return;
  } catch {
    // A getter threw. Reject the object below, like a value that is not an emulator.
  }
  failConfig('`listen` requires an emulator that `createEmulator` returned.');
};

/**
 * @param {Server} server
 * @param {number} port
 * @param {string} hostname
 * @returns {Promise<number>} The port that the server is bound to.
 */
const bind = async (server, port, hostname) => {
  try {
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, hostname, resolve);
      })
    );
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return failConfig(`The emulator cannot listen on port ${port} (${code}).`);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
};

/**
 * Reads the whole body. Returns `undefined` if it is too large.
 *
 * @param {IncomingMessage} incoming
 */
const readBody = async (incoming) => {
  const chunks = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Blob(chunks);
};

/**
 * @param {ServerResponse} outgoing
 * @param {number} status
 * @param {string} text
 */
const refuse = (outgoing, status, text) => {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  outgoing.end(text);
};

/** @param {IncomingMessage} incoming */
const toHeaders = ({ rawHeaders }) => {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index], rawHeaders[index + 1]);
  return headers;
};

/**
 * Returns the function that handles requests. With TLS, the function passes the client's
 * certificate to the emulator, which decides by its own clock whether the certificate is valid.
 *
 * @param {Emulator} emulator
 * @param {boolean} tls
 * @returns {HandleRequest}
 */
const createRequestHandler = (emulator, tls) => {
  const server = tls ? getServer(emulator) : undefined;
  if (!server) return (request, init) => emulator.fetch(request, init);
  return (request, init, socket) => {
    // `undefined` if the client presented no certificate.
    const raw = /** @type {unknown} */ (
      /** @type {TLSSocket} */ (socket).getPeerCertificate()?.raw
    );
    return server.fetch(request, init, /** @type {Uint8Array | undefined} */ (raw));
  };
};

/**
 * @param {HandleRequest} handleRequest
 * @param {string} base
 * @param {IncomingMessage} incoming
 * @param {ServerResponse} outgoing
 */
const serve = async (handleRequest, base, incoming, outgoing) => {
  const body = await readBody(incoming);
  if (body === undefined) return refuse(outgoing, 413, 'The body is too large.');
  const controller = new AbortController();
  outgoing.once('close', () => controller.abort());
  let request;
  try {
    const { method, url = '/' } = incoming;
    const hasNoBody = method === 'GET' || method === 'HEAD';
    request = new Request(new URL(base + url), {
      method,
      headers: toHeaders(incoming),
      body: hasNoBody ? undefined : body,
    });
  } catch {
    return refuse(outgoing, 400, 'The emulator cannot read this request.');
  }
  const response = await handleRequest(request, { signal: controller.signal }, incoming.socket);
  // Serve one request per connection: browsers repeat a request if a reused connection breaks.
  outgoing.writeHead(response.status, [...response.headers, ['connection', 'close']].flat());
  // Send the status and headers now, because a fault may break the connection before the body.
  outgoing.flushHeaders();
  // In Node, Deno and Bun, a stream is an async iterable.
  const chunks = /** @type {AsyncIterable<Uint8Array> | null} */ (
    /** @type {unknown} */ (response.body)
  );
  for await (const chunk of chunks ?? [])
    await new Promise((resolve) => outgoing.write(chunk, resolve));
  outgoing.end();
};

/** @param {Emulator} emulator */
const getTlsOptions = (emulator) => {
  const server = getServer(emulator);
  if (!server) return failConfig('`tls` requires the object from `createEmulator`, not a copy.');
  return server.tlsOptions();
};

/**
 * Creates a TLS server that passes its connections to an HTTP server. It does not use node:https,
 * because in Bun the requests of node:https do not expose the client's certificate.
 *
 * @param {HttpServer} http
 * @param {TlsOptions} tlsOptions
 */
const createTlsServer = async (http, tlsOptions) => {
  const { createServer } = await import('node:tls');
  /** @type {TlsOptions} */
  const options = {
    ...tlsOptions,
    // The handshake accepts every client, because unprotected calls need no certificate.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  };
  return createServer(options, (socket) => http.emit('connection', socket));
};

/** @param {string} hostname */
const bracketIpv6 = (hostname) => (hostname.includes(':') ? `[${hostname}]` : hostname);

/**
 * Returns the `Host` headers to accept: the loopback names with the port and, if the port is the
 * default one, also without it. Returns `undefined`, which accepts every `Host`, if the emulator is
 * exposed. The check refuses a page whose own domain resolves to a loopback address, because such a
 * page sends its domain as the `Host`.
 *
 * @param {string} hostname
 * @param {number} port
 * @param {boolean} tls
 */
const listAllowedHosts = (hostname, port, tls) => {
  if (!LOOPBACK.includes(hostname)) return undefined;
  const names = LOOPBACK.map(bracketIpv6);
  const withPort = names.map((name) => `${name}:${port}`);
  return port === (tls ? HTTPS_PORT : HTTP_PORT) ? [...names, ...withPort] : withPort;
};

/**
 * @param {Emulator} emulator
 * @param {ListenOptions} [options]
 * @returns {Promise<Listening>}
 */
export const listen = async (emulator, options = {}) => {
  checkEmulator(emulator);
  const { port, hostname, tls } = readOptions(options);
  const tlsOptions = tls ? getTlsOptions(emulator) : undefined;
  const { createServer } = await import('node:http');
  const handleRequest = createRequestHandler(emulator, tls);
  const http = createServer();
  const server = tlsOptions ? await createTlsServer(http, tlsOptions) : http;
  // Track all connections for `close`: the HTTP server does not know of a connection whose TLS
  // handshake is not complete.
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  const boundPort = await bind(server, port, hostname);
  const url = `${tls ? 'https' : 'http'}://${bracketIpv6(hostname)}:${boundPort}`;
  const hosts = listAllowedHosts(hostname, boundPort, tls);
  http.on('request', (incoming, outgoing) => {
    if (hosts && !hosts.includes(String(incoming.headers.host).toLowerCase()))
      return refuse(outgoing, 403, 'The Host header is not a loopback name of this emulator.');
    // If a fault drops or truncates the response, the promise rejects. Then close the connection.
    serve(handleRequest, url, incoming, outgoing).catch(() => outgoing.destroy());
  });
  /** @type {Promise<void> | undefined} */
  let closing;
  return {
    url,
    ...(tlsOptions && { caCertificate: tlsOptions.ca }),
    close: () =>
      (closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        http.closeAllConnections?.();
        for (const socket of sockets) socket.destroy();
      })),
  };
};

// Starts real servers on loopback for the suite: the emulator, and a server with network faults.
// The runners start them on Node.
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createAuthToken } from 'social-plus-auth/edge';
import { createEmulator, listen } from 'social-plus-auth/emulator';

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*, authorization',
  'access-control-allow-methods': '*',
  'access-control-expose-headers': 'retry-after',
};
const json = { ...cors, 'content-type': 'application/json' };
let compressedSpaces;
/** Compresses only if a test asks for it, because that takes a while. */
const compressSpaces = () => (compressedSpaces ??= gzipSync(Buffer.alloc(64 << 20, ' ')));

/** The faults of the server. The first segment of a request's path selects the fault. */
const FAULTS = {
  noResponse() {},
  stalledBody: (response) => response.writeHead(200, json).write('{"accessToken":'),
  truncatedBody: (response) =>
    response
      .writeHead(200, { ...json, 'content-length': 1000 })
      .write('{"accessToken":', () => response.destroy()),
  connectionReset: (response) => response.destroy(),
  largeBody: (response) =>
    response.writeHead(200, { ...json, 'content-length': 2 << 20 }).end(Buffer.alloc(2 << 20, ' ')),
  gzipBomb: (response) =>
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(compressSpaces()),
  htmlPage: (response) =>
    response
      .writeHead(200, { ...cors, 'content-type': 'text/html' })
      .end('<!doctype html><title>Sign in to Wi-Fi</title>'),
  rateLimit: (response) =>
    response
      .writeHead(429, { ...json, 'retry-after': '60' })
      .end('{"status":"error","code":400311,"message":"RateLimit Exceed."}'),
  endlessBody(response) {
    const writeMore = () => {
      while (response.writable && response.write(Buffer.alloc(65_536, ' ')));
    };
    response
      .writeHead(200, json)
      .on('drain', writeMore)
      .on('error', () => {});
    writeMore();
  },
};

const startFaultyServer = async () => {
  let followedRedirects = 0;
  const server = createServer((request, response) => {
    const [, fault, status] = request.url.split('/');
    if (request.method === 'OPTIONS') response.writeHead(204, cors).end();
    else if (fault === 'redirect-target')
      response.writeHead(200, json).end(JSON.stringify({ followedRedirects: ++followedRedirects }));
    else if (fault === 'count')
      response.writeHead(200, json).end(JSON.stringify({ followedRedirects }));
    else if (fault === 'redirect')
      response.writeHead(Number(status), { ...cors, location: '/redirect-target' }).end();
    else FAULTS[fault](response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
const getUrl = (server) => `http://127.0.0.1:${server.address().port}`;
const closeServer = (server) =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });

/**
 * Starts the servers. `live` is plain data for the suite: the URLs, the keys of the emulator, and
 * an auth token for `ada`.
 */
export const startServers = async () => {
  const emulator = await createEmulator({ secureMode: true });
  const emulatorServer = await listen(emulator);
  const faultyServer = await startFaultyServer();
  const unused = await startFaultyServer();
  const deadUrl = getUrl(unused);
  await closeServer(unused);
  const { token } = await createAuthToken(
    { endpoint: emulatorServer.url, serverKey: emulator.serverKey },
    { userId: 'ada' },
  );
  return {
    live: {
      url: emulatorServer.url,
      apiKey: emulator.apiKey,
      serverKey: emulator.serverKey,
      authToken: token,
      faultyUrl: getUrl(faultyServer),
      deadUrl,
    },
    close: () => Promise.all([emulatorServer.close(), closeServer(faultyServer)]),
  };
};

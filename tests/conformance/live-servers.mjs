// Real servers on loopback for the suite to talk to: the emulator, and one that misbehaves as only
// a network can. Run by the runners, on Node.
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
const bomb = gzipSync(Buffer.alloc(64 << 20, ' '));

/** By the first part of the path: what the server does to whoever takes it for the service. */
const misdeeds = {
  hang() {},
  half: (response) => response.writeHead(200, json).write('{"accessToken":'),
  cut: (response) =>
    response
      .writeHead(200, { ...json, 'content-length': 1000 })
      .write('{"accessToken":', () => response.destroy()),
  reset: (response) => response.destroy(),
  large: (response) =>
    response.writeHead(200, { ...json, 'content-length': 2 << 20 }).end(Buffer.alloc(2 << 20, ' ')),
  bomb: (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
  page: (response) =>
    response
      .writeHead(200, { ...cors, 'content-type': 'text/html' })
      .end('<!doctype html><title>Sign in to Wi-Fi</title>'),
  busy: (response) =>
    response
      .writeHead(429, { ...json, 'retry-after': '60' })
      .end('{"status":"error","code":400311,"message":"RateLimit Exceed."}'),
  endless(response) {
    const more = () => {
      while (response.writable && response.write(Buffer.alloc(65_536, ' ')));
    };
    response
      .writeHead(200, json)
      .on('drain', more)
      .on('error', () => {});
    more();
  },
};

const wicked = async () => {
  let landed = 0;
  const server = createServer((request, response) => {
    const [, deed, status] = request.url.split('/');
    if (request.method === 'OPTIONS') response.writeHead(204, cors).end();
    else if (deed === 'landed')
      response.writeHead(200, json).end(JSON.stringify({ landed: ++landed }));
    else if (deed === 'count') response.writeHead(200, json).end(JSON.stringify({ landed }));
    else if (deed === 'redirect')
      response.writeHead(Number(status), { ...cors, location: '/landed' }).end();
    else misdeeds[deed](response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
const addressOf = (server) => `http://127.0.0.1:${server.address().port}`;
const closed = (server) =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });

/**
 * `live` is plain data for the suite: addresses, keys of the emulator that listens, and an auth
 * token for `ada`.
 */
export const startServers = async () => {
  const emulator = await createEmulator({ secureMode: true });
  const listening = await listen(emulator);
  const server = await wicked();
  const dead = await wicked();
  const nobody = addressOf(dead);
  await closed(dead);
  const { token } = await createAuthToken(
    { endpoint: listening.url, serverKey: emulator.serverKey },
    { userId: 'ada' },
  );
  return {
    live: {
      url: listening.url,
      apiKey: emulator.apiKey,
      serverKey: emulator.serverKey,
      authToken: token,
      wicked: addressOf(server),
      nobody,
    },
    close: () => Promise.all([listening.close(), closed(server)]),
  };
};

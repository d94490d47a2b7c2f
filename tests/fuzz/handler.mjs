// Sends hostile HTTP/1.1 to the auth handler behind a real server, as raw bytes over a socket. The
// server must answer each whole request with a status and headers of the contract, must never
// answer with a token unless the request proves its origin, and must still serve afterwards.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { createAuthHandler } from 'social-plus-auth/edge';
import { createEmulator } from 'social-plus-auth/emulator';
import { CANARY, Chance, repeat } from './values.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const DEFAULT_EXECUTIONS = 500;
const PAGE = 'https://app.example';
const STATUSES = [200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 500, 502, 503];

const emulator = await createEmulator({ secureMode: true });
const handler = createAuthHandler({
  endpoint: 'https://service.test',
  fetch: () => emulator.fetch,
  serverKey: emulator.serverKey,
  apiKey: emulator.apiKey,
  authenticate: (request) =>
    request.headers.get('cookie') === 'user=ada' ? { userId: 'ada' } : null,
  allowedOrigins: [PAGE],
  allowUnlimitedVisitors: true,
});

/** Passes a request to the handler, as examples/node-express does. */
const serve = async (incoming, outgoing) => {
  const { method, rawHeaders, url } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at], rawHeaders[at + 1]);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? Readable.toWeb(incoming) : undefined;
  let request;
  try {
    request = new Request(`http://${incoming.headers.host}${url}`, {
      method,
      headers,
      body,
      duplex: 'half',
    });
  } catch {
    return outgoing.writeHead(400).end();
  }
  const response = await handler(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  return outgoing.end(await response.text());
};
const server = createServer(serve).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const host = `127.0.0.1:${port}`;

const LINES = [
  () => `origin: ${PAGE}`,
  () => 'origin: null',
  () => `origin: http://${host}`,
  () => 'origin: https://attacker.example',
  () => `origin: ${PAGE}.attacker.example`,
  () => 'sec-fetch-site: same-origin',
  () => 'sec-fetch-site: cross-site',
  () => 'sec-fetch-site: none',
  () => 'content-type: application/json',
  () => 'content-type: text/plain',
  () => 'content-type: application/json; charset=utf-16',
  () => 'cookie: user=ada',
  () => 'cookie: user=eve',
  () => `authorization: Bearer ${CANARY}`,
  () => 'x-http-method-override: GET',
  () => 'x-forwarded-host: app.example',
  () => `x-correlation-id: ${CANARY}<script>`,
  () => 'access-control-request-method: POST',
  () => 'transfer-encoding: chunked',
  () => `x: ${'y'.repeat(20_000)}`,
  () => 'x\u0000y: z',
];
const BODIES = ['', '{}', '{"deviceId":"d"}', '{"userId":"eve"}', '[', '"x"', 'x'.repeat(20_000)];
const PATHS = ['', '../token', '%2e%2e/token', 'token?userId=eve', 'x'];
const METHODS = ['OPTIONS', 'GET', 'PUT', 'TRACE', 'x'];
/** The lines of a valid request, each of which may be missing. */
const VALID_LINES = [`origin: ${PAGE}`, 'cookie: user=ada', 'content-type: application/json'];

const createMessage = (chance) => {
  const method = chance.oneIn(5) ? chance.pick(METHODS) : 'POST';
  const path = chance.pick(chance.oneIn(5) ? PATHS : ['token', 'session', 'visitor']);
  const lines = [`${method} /auth/${path} HTTP/1.1`, `host: ${host}`];
  lines.push(...VALID_LINES.filter(() => !chance.oneIn(5)));
  for (let left = chance.below(3); left > 0; left -= 1) lines.push(chance.pick(LINES)());
  const body = chance.oneIn(3) ? chance.pick(BODIES) : '{"deviceId":"d"}';
  if (!chance.oneIn(6)) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  if (chance.oneIn(20)) lines.push('content-length: 5');
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`);
  // One message in eight has a wrong byte.
  if (chance.oneIn(8)) bytes[chance.below(bytes.length)] = chance.below(256);
  return bytes;
};

/** Sends bytes and returns what the server sends until it closes. Gives up if it waits for more. */
const send = (bytes) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    // The server waits for the rest of a message that is cut short.
    socket.setTimeout(200, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });

const violations = [];
const check = (condition, what, execution, bytes, text) => {
  if (condition) return;
  violations.push(what);
  if (violations.length > 20) return;
  console.log(`VIOLATION, FUZZ_SEED=${SEED}, execution ${execution}: ${what}`);
  console.log(JSON.stringify(bytes.toString('latin1').slice(0, 600)));
  console.log(JSON.stringify(text.slice(0, 600)));
};
process.on('unhandledRejection', (error) => violations.push(`unhandled rejection: ${error}`));
process.on('uncaughtException', (error) => violations.push(`uncaught exception: ${error}`));

const counts = {};
const execute = async (execution) => {
  const chance = new Chance(SEED * 1e9 + execution);
  const bytes = createMessage(chance);
  const text = await send(bytes);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
  counts[status] = (counts[status] ?? 0) + 1;
  if (!status) return;
  const expect = (condition, what) => check(condition, what, execution, bytes, text);
  expect(STATUSES.includes(status), `answers with status ${status}`);
  expect(!text.includes(CANARY), 'repeats a header');
  const sent = bytes.toString('latin1').toLowerCase();
  const isToken = /"(authToken|accessToken)"/.test(text);
  expect(!isToken || sent.includes('cookie: user=ada'), 'gives a token to nobody');
  expect(!text.includes('"userId":"eve"'), 'gives a session of another user');
  const allowed = /access-control-allow-origin: (.*)\r/i.exec(text)?.[1];
  expect(allowed === undefined || allowed === PAGE, 'lets another page read the answer');
  if (isToken) {
    const names = ['origin', 'sec-fetch-site'];
    const proof = names.filter((name) => sent.includes(`\r\n${name}: `));
    expect(proof.length > 0, 'gives a token to a request without an origin');
    expect(/cache-control: no-store/i.test(text), 'lets a cache keep a token');
  }
};

const executions = await repeat(DEFAULT_EXECUTIONS, execute);
const valid = [
  `POST /auth/token HTTP/1.1\r\nhost: ${host}\r\norigin: ${PAGE}\r\ncookie: user=ada`,
  'content-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
].join('\r\n');
const last = await send(Buffer.from(valid));
check(
  /^HTTP\/1\.1 200 .*"authToken"/s.test(last),
  'serves no more',
  'last',
  Buffer.from(valid),
  last,
);
console.log(`${executions} requests: ${JSON.stringify(counts)}`);
console.log(`${violations.length ? 0 : 1} passed, ${violations.length} failed`);
process.exit(violations.length ? 1 : 0);

// Sends hostile HTTP/1.1 to the auth handler behind a real server, as raw bytes over a socket. The
// server must keep serving.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import {
  checkAnswer,
  conclude,
  drawRequest,
  SEED,
  serve,
  SILENCE_MS,
  VALID_LINES,
} from './handler-world.mjs';
import { Chance, repeat } from './values.mjs';

const DEFAULT_EXECUTIONS = 500;

const server = createServer(serve).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const host = `127.0.0.1:${port}`;

const encode = ({ method, path, lines, body }) =>
  Buffer.from(
    [`${method} ${path} HTTP/1.1`, `host: ${host}`, ...lines, 'connection: close', '', body].join(
      '\r\n',
    ),
  );

const createMessage = (chance) => {
  const request = drawRequest(chance, host);
  if (!chance.oneIn(6)) request.lines.push(`content-length: ${Buffer.byteLength(request.body)}`);
  if (chance.oneIn(20)) request.lines.push('content-length: 5');
  const bytes = encode(request);
  // One message in eight has a wrong byte.
  if (chance.oneIn(8)) bytes[chance.below(bytes.length)] = chance.below(256);
  return bytes;
};

/**
 * Sends bytes and returns what the server sends until it closes. Gives up after a silence of
 * `silenceMs`, or never.
 */
const send = (bytes, silenceMs = 0) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => {
      const [headers, ...parts] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
      resolve({ status, headers, body: parts.join('\r\n\r\n') });
    });
    socket.write(bytes);
  });

const executions = await repeat(DEFAULT_EXECUTIONS, async (execution) => {
  const bytes = createMessage(new Chance(SEED * 1e9 + execution));
  checkAnswer(execution, bytes.toString('latin1').toLowerCase(), await send(bytes, SILENCE_MS));
});
const body = '{}';
const lines = [...VALID_LINES, `content-length: ${body.length}`];
await conclude(executions, send(encode({ method: 'POST', path: '/auth/token', lines, body })));

// Sends hostile HTTP/2 to the auth handler behind a real server. Node's client encodes the
// requests, and on some connections the bytes that it sends are changed, repeated or cut on the
// way. The server must keep serving.
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { Duplex, Transform } from 'node:stream';
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

/** Returns a stream that changes, repeats or cuts one of the first parts that pass through it. */
const createMangler = (chance) => {
  let left = chance.below(6);
  return new Transform({
    transform(part, _encoding, done) {
      left -= 1;
      if (left !== -1) return done(null, part);
      const at = chance.below(part.length);
      const bytes = Buffer.from(part);
      switch (chance.below(3)) {
        case 0:
          bytes[at] = chance.below(256);
          return done(null, bytes);
        case 1:
          return done(null, Buffer.concat([bytes, bytes.subarray(at)]));
        default:
          return done(null, bytes.subarray(0, at));
      }
    },
  });
};

/** Opens a connection whose bytes pass through `mangler`, if there is one. */
const open = (mangler) => {
  const socket = connectSocket(port, '127.0.0.1');
  const ignore = () => {};
  socket.on('error', ignore);
  const createConnection = () => {
    if (!mangler) return socket;
    mangler.on('error', ignore).pipe(socket);
    return Duplex.from({ readable: socket, writable: mangler }).on('error', ignore);
  };
  return { socket, session: connect(`http://${host}`, { createConnection }).on('error', ignore) };
};

/** Header fields of which the client sends only one. */
const SINGLE = ['authorization', 'content-type', 'access-control-request-method'];

const toHeaders = ({ method, path, lines }) => {
  const headers = { ':method': method, ':path': path };
  for (const line of lines) {
    const [name, ...rest] = line.split(': ');
    // The client does not send a header of HTTP/1.1.
    if (name === 'transfer-encoding') continue;
    const value = rest.join(': ');
    const isRepeated = name in headers && !SINGLE.includes(name);
    headers[name] = isRepeated ? [headers[name], value].flat() : value;
  }
  return headers;
};

const NO_ANSWER = { status: 0, headers: '', body: '' };

/**
 * Sends a request on a connection, and returns the answer. Gives up after a silence of `silenceMs`,
 * or never.
 */
const send = (session, request, silenceMs = 0) =>
  new Promise((resolve) => {
    let stream;
    try {
      stream = session.request(toHeaders(request));
    } catch {
      // A broken request has ended the connection.
      return resolve(NO_ANSWER);
    }
    const answer = { ...NO_ANSWER };
    stream.on('response', (headers) => {
      answer.status = headers[':status'];
      answer.headers = Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\r\n');
    });
    stream.setEncoding('utf8').on('data', (chunk) => (answer.body += chunk));
    stream.on('error', () => {});
    stream.on('close', () => resolve(answer));
    stream.setTimeout(silenceMs, () => stream.destroy());
    return stream.end(request.body);
  });

const execute = async (execution) => {
  const chance = new Chance(SEED * 1e9 + execution);
  const { session, socket } = open(chance.oneIn(3) ? createMangler(chance) : undefined);
  const requests = [];
  for (let left = 1 + chance.below(3); left > 0; left -= 1)
    requests.push(drawRequest(chance, host));
  await Promise.all(
    requests.map(async (request) => {
      const { method, path, lines, body } = request;
      const sent = [`${method} ${path}`, ...lines, '', body].join('\n').toLowerCase();
      checkAnswer(execution, sent, await send(session, request, SILENCE_MS));
    }),
  );
  session.destroy();
  socket.destroy();
};

const executions = await repeat(DEFAULT_EXECUTIONS, execute);
const valid = { method: 'POST', path: '/auth/token', lines: VALID_LINES, body: '{}' };
await conclude(executions, send(open().session, valid));

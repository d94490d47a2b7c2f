// The auth handler behind a real server, the parts of hostile requests, and what every answer must
// keep: a status and headers of the contract, no secret, and no token unless the request proves its
// origin and its user.
import { Readable } from 'node:stream';
import { createAuthHandler } from 'social-plus-auth/edge';
import { createEmulator } from 'social-plus-auth/emulator';
import { CANARY } from './values.mjs';

export const SEED = Number(process.env.FUZZ_SEED ?? 1);
export const PAGE = 'https://app.example';
/** How long a client waits for more. The server waits for the rest of a message that was cut. */
export const SILENCE_MS = 200;
/** How long the last request of a run may take. A busy machine does not reach it. */
const MAX_LAST_MS = 30_000;
/** The fields with a secret. A run of at least `MIN_LONG_RUN` requests must get each of them. */
const SECRET_FIELDS = ['authToken', 'accessToken', 'authSignature'];
const MIN_LONG_RUN = 300;
/** The minimum share of answers with status 200 in such a run: a third of what was measured. */
const MIN_SUCCESS_SHARE = 0.03;
const STATUSES = [200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 500, 502, 503];

const emulator = await createEmulator({ secureMode: true, visitors: true });
const handler = createAuthHandler({
  endpoint: 'https://service.test',
  fetch: () => emulator.fetch,
  serverKey: emulator.serverKey,
  apiKey: emulator.apiKey,
  authenticate: (request) =>
    request.headers.get('cookie') === 'user=ada' ? { userId: 'ada' } : null,
  allowedOrigins: [PAGE],
  visitorSecret: emulator.visitorSecret,
  allowUnlimitedVisitors: true,
});

/** Passes a request of Node's HTTP/1.1 or HTTP/2 server to the handler. */
export const serve = async (incoming, outgoing) => {
  const { method, rawHeaders, url } = incoming;
  const headers = new Headers();
  // HTTP/2 sends the method and the address as headers whose names begin with a colon.
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (!rawHeaders[at].startsWith(':')) headers.append(rawHeaders[at], rawHeaders[at + 1]);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? Readable.toWeb(incoming) : undefined;
  let request;
  try {
    const host = incoming.headers[':authority'] ?? incoming.headers.host;
    const init = { method, headers, body, duplex: 'half' };
    request = new Request(`http://${host}${url}`, init);
  } catch {
    return outgoing.writeHead(400).end();
  }
  const response = await handler(request);
  // The client may have left in the meantime.
  if (outgoing.stream?.destroyed) return undefined;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  return outgoing.end(await response.text());
};

/** Creates the header lines of which a hostile request has some. */
export const createLines = (host) => [
  `origin: ${PAGE}`,
  'origin: null',
  `origin: http://${host}`,
  'origin: https://attacker.example',
  `origin: ${PAGE}.attacker.example`,
  'sec-fetch-site: same-origin',
  'sec-fetch-site: cross-site',
  'sec-fetch-site: none',
  'content-type: application/json',
  'content-type: text/plain',
  'content-type: application/json; charset=utf-16',
  'cookie: user=ada',
  'cookie: user=eve',
  `authorization: Bearer ${CANARY}`,
  'x-http-method-override: GET',
  'x-forwarded-host: app.example',
  `x-correlation-id: ${CANARY}<script>`,
  'access-control-request-method: POST',
  'transfer-encoding: chunked',
  `x: ${'y'.repeat(20_000)}`,
  'x\u0000y: z',
];
const BODIES = ['', '{}', '{"deviceId":"d"}', '{"userId":"eve"}', '[', '"x"', 'x'.repeat(20_000)];
const PATHS = ['', '../token', '%2e%2e/token', 'token?userId=eve', 'x'];
const METHODS = ['OPTIONS', 'GET', 'PUT', 'TRACE', 'x'];
/** The lines of a valid request, each of which may be missing. */
export const VALID_LINES = [
  `origin: ${PAGE}`,
  'cookie: user=ada',
  'content-type: application/json',
];

/** Draws a request: most often a valid one with a fault. */
export const drawRequest = (chance, host) => {
  const method = chance.oneIn(5) ? chance.pick(METHODS) : 'POST';
  const path = chance.pick(chance.oneIn(5) ? PATHS : ['token', 'session', 'visitor']);
  const lines = VALID_LINES.filter(() => !chance.oneIn(5));
  const hostile = createLines(host);
  for (let left = chance.below(3); left > 0; left -= 1) lines.push(chance.pick(hostile));
  const body = chance.oneIn(3) ? chance.pick(BODIES) : '{"deviceId":"d"}';
  return { method, path: `/auth/${path}`, lines, body };
};

let violationCount = 0;
const counts = {};
const secretFields = new Set();

/** Counts a violation, and prints the first ones. */
export const report = (what, execution, ...texts) => {
  violationCount += 1;
  if (violationCount > 20) return;
  console.log(`VIOLATION, FUZZ_SEED=${SEED}, execution ${execution}: ${what}`);
  for (const text of texts) console.log(JSON.stringify(text.slice(0, 600)));
};
process.on('unhandledRejection', (error) => report('unhandled rejection', '?', String(error)));
process.on('uncaughtException', (error) => report('uncaught exception', '?', String(error)));

/**
 * Checks an answer.
 *
 * @param sent - The text of the request, with its headers in lower case.
 * @param answer - The status, or 0 without an answer; the headers, each in a line; and the body.
 */
export const checkAnswer = (execution, sent, { status, headers, body }) => {
  counts[status] = (counts[status] ?? 0) + 1;
  if (!status) return;
  const text = `${headers}\r\n${body}`;
  const expect = (condition, what) => condition || report(what, execution, sent, text);
  expect(STATUSES.includes(status), `answers with status ${status}`);
  expect(!text.includes(CANARY), 'repeats a header');
  const found = SECRET_FIELDS.filter((field) => body.includes(`"${field}"`));
  for (const field of found) secretFields.add(field);
  const isToken = found.some((field) => field !== 'authSignature');
  expect(!isToken || sent.includes('cookie: user=ada'), 'gives a token to nobody');
  expect(!body.includes('"userId":"eve"'), 'gives a session of another user');
  const allowed = /^access-control-allow-origin: (.*?)\r?$/im.exec(headers)?.[1];
  expect(allowed === undefined || allowed === PAGE, 'lets another page read the answer');
  if (!found.length) return;
  const names = ['origin', 'sec-fetch-site'];
  const proof = names.filter((name) => sent.includes(`\n${name}: `));
  expect(proof.length > 0, 'gives a secret to a request without an origin');
  expect(/^cache-control: no-store/im.test(headers), 'lets a cache keep a secret');
};

/** Checks that a long run has received enough answers that succeed, and each secret. */
const checkCoverage = () => {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total < MIN_LONG_RUN) return;
  const successes = counts[200] ?? 0;
  if (successes < MIN_SUCCESS_SHARE * total) report(`only ${successes} answers succeed`, 'all');
  for (const field of SECRET_FIELDS)
    if (!secretFields.has(field)) report(`no answer has the field ${field}`, 'all');
};

/**
 * Checks that the server still gives a token and that enough requests succeeded. Prints the result,
 * and ends the process.
 *
 * @param last - A promise of the answer to a valid request.
 */
export const conclude = async (executions, last) => {
  const limit = new Promise((resolve) => {
    setTimeout(resolve, MAX_LAST_MS, { status: 0, body: '' });
  });
  const { status, body } = await Promise.race([last, limit]);
  if (status !== 200 || !body.includes('"authToken"')) report('the server serves no more', 'last');
  checkCoverage();
  console.log(`${executions} executions: ${JSON.stringify(counts)}`);
  console.log(`${violationCount ? 0 : 1} passed, ${violationCount} failed`);
  process.exit(violationCount ? 1 : 0);
};

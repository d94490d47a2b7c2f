// Serves an emulator on loopback, behind a network that loses, delays, cuts and refuses responses.
import { createServer } from 'node:http';
import { createEmulator } from 'social-plus-auth/emulator';

/** How many of 1000 requests meet each fate. */
const FATES = [
  [700, 'passed'],
  [130, 'slow'],
  [35, 'lost'],
  [35, 'unanswered'],
  [40, 'cut'],
  [5, 'hang'],
  [30, 'failed'],
  [15, 'page'],
  [10, 'limited'],
];
const MAX_DELAY_MS = 800;
/** For how many tokens the service remembers the user to whom it has issued them. */
const MAX_OWNERS = 20_000;
const TOKEN = '/api/v4/authentication/token';
const SESSIONS = '/api/v5/sessions';
const JSON_TYPE = { 'content-type': 'application/json' };

const readBody = async (incoming) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const refuse = (outgoing, status, code, headers) =>
  outgoing
    .writeHead(status, { ...JSON_TYPE, ...headers })
    .end(JSON.stringify({ status: 'error', code, message: 'soak' }));

/** Starts the service. `random` decides the fate of each request. */
export const startService = async (random, { faults = true } = {}) => {
  const emulator = await createEmulator({ secureMode: true });
  const counts = {};
  const hanging = new Set();

  /** Maps each token that the service has issued recently to its user. */
  const owners = new Map();
  const recordOwner = (token, userId) => {
    owners.set(token, userId);
    if (owners.size > MAX_OWNERS) owners.delete(owners.keys().next().value);
  };

  const callEmulator = async ({ method, url, headers }, body) => {
    const init = { method, headers: new Headers(headers), body: body.length ? body : undefined };
    const response = await emulator.fetch(`http://127.0.0.1${url}`, init);
    if (response.status === 200 && (url === TOKEN || url === SESSIONS)) {
      const answer = await response.clone().json();
      recordOwner(answer.accessToken ?? answer, JSON.parse(body).userId);
    }
    return response;
  };
  const answer = async (outgoing, response) => {
    const body = Buffer.from(await response.arrayBuffer());
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(body);
  };
  const fates = {
    passed: async (outgoing, call) => answer(outgoing, await call()),
    slow: async (outgoing, call) => {
      const response = await call();
      await new Promise((resolve) => setTimeout(resolve, random.between(1, MAX_DELAY_MS)));
      await answer(outgoing, response);
    },
    lost: async (outgoing) => void outgoing.destroy(),
    unanswered: async (outgoing, call) => {
      await call();
      outgoing.destroy();
    },
    cut: async (outgoing, call) => {
      const body = Buffer.from(await (await call()).arrayBuffer());
      outgoing.writeHead(200, { ...JSON_TYPE, 'content-length': body.length });
      outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
    },
    hang: async (outgoing, call) => {
      await call();
      hanging.add(outgoing);
      outgoing.on('close', () => hanging.delete(outgoing));
    },
    failed: async (outgoing) => refuse(outgoing, random.pick([500, 502, 503, 504]), 500000),
    page: async (outgoing) =>
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
    limited: async (outgoing) => refuse(outgoing, 429, 400311, { 'retry-after': '1' }),
  };

  const server = createServer(async (incoming, outgoing) => {
    const fate = faults ? random.pickWeighted(FATES) : 'passed';
    counts[fate] = (counts[fate] ?? 0) + 1;
    try {
      const body = await readBody(incoming);
      await fates[fate](outgoing, () => callEmulator(incoming, body));
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    emulator,
    counts,
    url: `http://127.0.0.1:${server.address().port}`,
    /** Returns the user to whom the service has issued a token. */
    findOwner: (token) => owners.get(token),
    /** Returns how many open requests the service will never answer. */
    countHanging: () => hanging.size,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};

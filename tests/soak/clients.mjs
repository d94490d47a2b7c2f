// Sends requests to a target over several connections, as pages of the app do, and checks each
// answer. Some clients are rude: they hang up while they wait, or send what the routes must refuse.
// None hangs up in the middle of a body, because workerd then keeps the request forever; see
// half-body.mjs.
import { Agent, request as sendRequest } from 'node:http';

/** How many of 1000 requests are of each kind. */
const KINDS = [
  [840, 'valid'],
  [40, 'withoutCookie'],
  [30, 'foreignOrigin'],
  [20, 'invalidBody'],
  [20, 'longBody'],
  [50, 'hangUp'],
];
const REFUSALS = { withoutCookie: 401, foreignOrigin: 403, invalidBody: 400, longBody: 413 };
/** The statuses that a valid request may get while the service has faults. */
const EXPECTED = [200, 429, 502, 503, 504];
/** The routes answer within 8 s. A request without a complete answer after this time is stuck. */
const STUCK_MS = 60_000;
const MAX_HANG_UP_MS = 400;
const MAX_PAUSE_MS = 400;
const USERS = 3000;

/**
 * The ways to send a request. Each resolves to the status and the body, or to the reason why there
 * is no complete answer.
 */
const EXCHANGES = {
  /** The HTTP client of Node, with connections that are kept open. */
  http(agent, url, { headers, body, hangUpAfterMs }) {
    return new Promise((resolve) => {
      const outgoing = sendRequest(url, { method: 'POST', agent, headers });
      let status = 0;
      let text = '';
      const stuck = setTimeout(() => {
        resolve({ outcome: 'stuck', status, text });
        outgoing.destroy();
      }, STUCK_MS);
      const settle = (result) => {
        clearTimeout(stuck);
        resolve(result);
      };
      outgoing.on('error', () => settle({ outcome: 'interrupted', status }));
      outgoing.on('response', (incoming) => {
        status = incoming.statusCode;
        incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        incoming.on('end', () => settle({ outcome: 'complete', status, text }));
        incoming.on('error', () => settle({ outcome: 'interrupted', status }));
      });
      outgoing.end(body);
      if (hangUpAfterMs !== undefined) setTimeout(() => outgoing.destroy(), hangUpAfterMs);
    });
  },
  /** The `fetch` of Node. */
  async fetch(_, url, { headers, body, hangUpAfterMs }) {
    const controller = new AbortController();
    if (hangUpAfterMs !== undefined) setTimeout(() => controller.abort(), hangUpAfterMs);
    let status = 0;
    let timer;
    const stuck = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ outcome: 'stuck', status, text: '' }), STUCK_MS);
    });
    const exchange = async () => {
      try {
        const { signal } = controller;
        const response = await fetch(url, { method: 'POST', headers, body, signal });
        status = response.status;
        return { outcome: 'complete', status, text: await response.text() };
      } catch {
        return { outcome: 'interrupted', status };
      }
    };
    try {
      return await Promise.race([stuck, exchange()]);
    } finally {
      clearTimeout(timer);
    }
  },
};

/** Creates the clients of a target. */
export const createClients = async (target, service, random, client = 'http') => {
  const agent = new Agent({ keepAlive: true });
  const cookies = [];
  for (let n = 0; n < USERS; n += 1) cookies.push(await target.createCookie(`user_${n}`));
  const counts = { sent: 0, interrupted: 0, stuck: 0, wrong: 0, tokens: 0 };
  const statuses = {};
  const interruptions = {};
  const violations = [];
  const exchange = EXCHANGES[client];
  let nextUser = 0;

  const violate = (kind, text) => {
    counts[kind] += 1;
    if (violations.length < 50) violations.push(`${target.name}: ${text}`);
  };

  const createRequest = (kind) => {
    const user = nextUser++ % USERS;
    const userId = `user_${user}`;
    const route = random.pick(target.routes);
    const content = { deviceId: `device-${user}`, userId: 'mallory' };
    const request = {
      userId,
      path: `/auth/${route}`,
      headers: {
        origin: target.origin,
        'content-type': 'application/json',
        cookie: cookies[user],
      },
      body: JSON.stringify(content),
    };
    if (kind === 'withoutCookie') delete request.headers.cookie;
    if (kind === 'foreignOrigin') request.headers.origin = 'https://evil.test';
    if (kind === 'invalidBody') request.body = '{';
    if (kind === 'longBody') request.body = JSON.stringify({ deviceId: 'x'.repeat(17 << 10) });
    if (kind === 'hangUp') request.hangUpAfterMs = random.below(MAX_HANG_UP_MS);
    return request;
  };

  const check = (kind, { userId, path }, { outcome, status, text }) => {
    const isRude = kind === 'hangUp';
    if (outcome === 'stuck')
      return violate('stuck', `${kind} ${path}: status ${status}, ${text.length} characters`);
    if (outcome === 'interrupted') {
      if (!isRude) {
        counts.interrupted += 1;
        const key = `${kind} ${status}`;
        interruptions[key] = (interruptions[key] ?? 0) + 1;
      }
      return undefined;
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
    const expected = REFUSALS[kind] ? [REFUSALS[kind]] : EXPECTED;
    if (!expected.includes(status) && !isRude)
      violate('wrong', `${kind} ${path}: status ${status}, expected ${expected}`);
    if (status !== 200) return undefined;
    counts.tokens += 1;
    const { authToken, accessToken } = JSON.parse(text);
    const owner = service.findOwner(authToken ?? accessToken);
    if (owner !== userId) violate('wrong', `${path}: a token of ${owner} for ${userId}`);
  };

  let isRunning = true;
  const run = async () => {
    while (isRunning) {
      const kind = random.pickWeighted(KINDS);
      const request = createRequest(kind);
      counts.sent += 1;
      check(kind, request, await exchange(agent, `${target.origin}${request.path}`, request));
      await new Promise((resolve) => setTimeout(resolve, random.below(MAX_PAUSE_MS)));
    }
  };
  return {
    counts,
    statuses,
    interruptions,
    violations,
    run,
    async stop() {
      isRunning = false;
    },
    close: () => agent.destroy(),
  };
};

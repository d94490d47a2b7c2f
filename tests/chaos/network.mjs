// The network between the tabs and the service. Its weather decides the fate of each request.

/** How many in 100 requests meet each fate, by weather. All other requests get through. */
const WEATHERS = {
  clear: {},
  slow: { slow: 80 },
  lossy: { lost: 20, unanswered: 25, cut: 15, slow: 10 },
  stalling: { hang: 40, slow: 20 },
  failing: { failed: 60, page: 20 },
  'rate limits': { limited: 90 },
  offline: { lost: 100 },
};
const MAX_DELAY_MS = 800;
const MAX_RETRY_AFTER_S = 90;
const JSON_TYPE = { 'content-type': 'application/json' };

const fail = (status, code, headers) =>
  new Response(JSON.stringify({ status: 'error', code, message: 'chaos' }), {
    status,
    headers: { ...JSON_TYPE, ...headers },
  });

/** Answers half of a response and breaks the connection. */
const cut = async (response, outgoing) => {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = { ...JSON_TYPE, 'content-length': body.length, connection: 'close' };
  outgoing.writeHead(response.status, headers);
  outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
};

/** Creates a network. `intercept` is for a site. */
export const createNetwork = (random, timeline) => {
  let weather = 'clear';
  /** The tabs that are offline. */
  const offline = new Set();
  const hanging = new Set();

  const drawFate = (tab) => {
    if (offline.has(tab)) return 'lost';
    return random.pickWeighted([
      [100, 'passed'],
      ...Object.entries(WEATHERS[weather]).map(([fate, weight]) => [weight, fate]),
    ]);
  };
  const fates = {
    passed: (next) => next(),
    slow: async (next) => {
      const response = await next();
      await new Promise((resolve) => setTimeout(resolve, random.between(1, MAX_DELAY_MS)));
      return response;
    },
    lost: async (next, { outgoing }) => void outgoing.destroy(),
    unanswered: async (next, { outgoing }) => {
      await next();
      outgoing.destroy();
    },
    cut: async (next, { outgoing }) => void (await cut(await next(), outgoing)),
    hang: async (next, { outgoing }) => {
      if (random.chance(0.5)) await next();
      hanging.add(outgoing);
      outgoing.on('close', () => hanging.delete(outgoing));
    },
    failed: async () => fail(random.pick([500, 502, 503, 504]), 500000),
    page: async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    limited: async () =>
      fail(429, 400311, { 'retry-after': String(random.between(1, MAX_RETRY_AFTER_S)) }),
  };
  return {
    offline,
    /** Changes the weather, and returns it. */
    turn() {
      weather = random.pick(Object.keys(WEATHERS));
      return weather;
    },
    /** Lets every request through from now on, and breaks those that hang. */
    calm() {
      weather = 'clear';
      offline.clear();
      for (const outgoing of hanging) outgoing.destroy();
    },
    async intercept(exchange, next) {
      const { incoming, tab } = exchange;
      const fate = drawFate(tab);
      const response = await fates[fate](next, exchange);
      const about = `tab ${tab}: ${incoming.method} ${incoming.url}`;
      timeline.note(fate, `${about} ${response?.status ?? ''}`);
      return response;
    },
  };
};

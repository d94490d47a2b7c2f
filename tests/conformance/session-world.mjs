// The world of the SessionClient topics: an emulated service and a device, each with a clock,
// clients that the world closes at the end, and a way to hold or answer any request.
import { equal, fail, ok, secret, settled, containsSecret } from './harness.mjs';
import { logOutput, resolves } from './helpers.mjs';
import { virtualClock } from './virtual-clock.mjs';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** How long a session of the service lasts. */
export const LIFETIME = 30 * DAY;
/** The part before a session's end that the planning of renewals leaves out. */
export const MARGIN = 5 * MINUTE;
export const START = Date.UTC(2026, 0, 1);
export const ENDPOINT = 'https://emulator.test';
export const SESSIONS = '/api/v5/sessions';
/** A path that any user may request with an access token. */
export const SETTINGS = '/api/v3/network-settings/chat';

/**
 * Returns the `credentials` of a request to a route. Workers have no cookies, and some reject the
 * option.
 */
export const credentialsOption = ({ isWorker }) => (isWorker ? undefined : 'include');

let worlds = 0;
/** Returns a namespace that no other test uses: clients of one namespace share a device. */
export const uniqueNamespace = () => `test-${Date.now().toString(36)}-${(worlds += 1)}`;

/** Records the events of a client, in order. */
const recordEvents = (client) => {
  const seen = { states: [], renewed: [], failed: [], reasons: [], problems: [] };
  client.addEventListener('statechange', ({ detail }) => {
    // An error thrown by a listener would end the process, so the test reports problems at its end.
    const last = seen.states.at(-1) ?? 'notLoggedIn';
    if (detail.state !== client.state)
      seen.problems.push(`announced ${detail.state} while the state was ${client.state}`);
    if (detail.previous !== last)
      seen.problems.push(
        `the event for ${detail.state} names ${detail.previous} as the previous state, ` +
          `which was ${last}`,
      );
    seen.states.push(detail.state);
    if (detail.reason) seen.reasons.push(detail.reason);
  });
  client.addEventListener('renewed', ({ detail }) => seen.renewed.push(detail));
  client.addEventListener('renewalfailed', ({ detail }) => seen.failed.push(detail));
  return seen;
};

/**
 * Creates a gate that stops one request. `arrived` resolves once the request reaches the gate,
 * `release` lets it continue, `lose` breaks its connection.
 */
const createGate = () => {
  let arrive;
  let open;
  const arrived = new Promise((resolve) => (arrive = resolve));
  const opened = new Promise((resolve) => (open = resolve));
  return {
    arrive,
    arrived,
    opened,
    release: () => open(true),
    lose: () => open(false),
    isUsed: false,
  };
};

const createWorld = async (lib, options) => {
  const { skewMs = 0, ...rest } = options;
  const service = await lib.emulator.createEmulator({ now: START, ...rest });
  const clients = [];
  const events = [];
  const gates = [];
  const namespace = uniqueNamespace();
  let inFlight = 0;
  const time = virtualClock({
    at: START + skewMs,
    onAdvance: (ms) => service.clock.advance(ms),
    isBusy: () => inFlight > 0,
  });

  /**
   * Sends a request to the service through the gates. It counts the requests in flight, except
   * those that a gate holds.
   */
  const send = async (url, init) => {
    const { pathname } = new URL(url, ENDPOINT);
    const gateOfRequest = gates.find(
      ({ isUsed, path, method }) =>
        !isUsed && path === pathname && method === (init?.method ?? 'GET'),
    );
    if (gateOfRequest) gateOfRequest.isUsed = true;
    const waitAtGate = async () => {
      gateOfRequest.arrive();
      inFlight -= 1;
      const aborted = new Promise((_, reject) =>
        init.signal?.addEventListener('abort', () => reject(init.signal.reason)),
      );
      try {
        if (!(await Promise.race([gateOfRequest.opened, aborted])))
          throw new TypeError('fetch failed');
      } finally {
        inFlight += 1;
      }
    };
    inFlight += 1;
    try {
      if (gateOfRequest && !gateOfRequest.afterHandling) await waitAtGate();
      const response = await (world.respond?.(url, init, pathname) ?? service.fetch(url, init));
      if (gateOfRequest?.afterHandling) await waitAtGate();
      return response;
    } finally {
      inFlight -= 1;
    }
  };

  const world = {
    ...time,
    service,
    events,
    namespace,
    fetch: send,
    /** If set, answers a request in place of the service, unless it returns undefined. */
    respond: undefined,
    /**
     * Holds the next such request before it reaches the service or, with `afterHandling`, holds the
     * response after the service has acted.
     */
    hold({ path = SESSIONS, method = 'POST', afterHandling = false } = {}) {
      const held = Object.assign(createGate(), { path, method, afterHandling });
      gates.push(held);
      return held;
    },
    options: (more) => ({
      endpoint: ENDPOINT,
      apiKey: service.apiKey,
      fetch: (url, init) => send(url, init),
      clock: time.clock,
      retry: false,
      namespace,
      onEvent: (event) => events.push(event),
      ...more,
    }),
    /** Creates a client, which the world closes at the end. `seen` records its events. */
    client(more) {
      const client = new lib.browser.SessionClient(world.options(more));
      clients.push(client);
      return Object.assign(client, { seen: recordEvents(client) });
    },
    /** Creates a client and signs it in. */
    async signedIn(more, request = {}) {
      const client = world.client(more);
      await resolves(() => client.login({ userId: 'ada', ...request }), 'login');
      equal(client.state, 'established', 'state after the login');
      return client;
    },
    /** Returns the client's access token, registered as a secret. */
    token: async (client, call) =>
      secret(await resolves(() => client.accessToken(call), 'accessToken')),
    /** Returns the requests that were sent to the service. */
    requests: (path = SESSIONS, method = 'POST') =>
      service.requests.filter((request) => request.path === path && request.method === method),
    /** Returns the number of requests for a session, including those that never arrived. */
    sessionRequestCount: () => world.requests().length,
    /** Whether the service accepts a token. */
    isTokenValid: async (token) =>
      (
        await service.fetch(`${ENDPOINT}/api/v3/sessions`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status === 200,
    revoke: (token) =>
      service.fetch(`${ENDPOINT}/api/v4/sessions`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      }),
    /** Drops every request until `online` is called. */
    offline: () => service.faults.add({ drop: true, times: Infinity }),
    online: () => service.faults.clear(),
    /** Mints an auth token for this user. */
    async mint(userId) {
      const response = await service.fetch(`${ENDPOINT}/api/v4/authentication/token`, {
        method: 'POST',
        body: JSON.stringify({ userId }),
        headers: { 'x-server-key': service.serverKey, 'content-type': 'application/json' },
      });
      return secret(JSON.parse(await response.text()));
    },
    /** Advances time in steps until the condition holds, by at most `maxMs`. */
    async advanceUntil(condition, stepMs, maxMs, what) {
      for (let elapsed = 0; elapsed <= maxMs; elapsed += stepMs) {
        await time.untilIdle();
        if (await condition()) return;
        await time.advance(stepMs);
      }
      fail(`advanced the clock by ${maxMs} ms without ${what}`);
    },
    /**
     * Returns the outcome of a call that waits for a timeout. Meanwhile both the client's clock and
     * real time advance.
     */
    async advanceUntilSettled(call) {
      let outcome;
      const settling = settled(call).then((result) => (outcome = result));
      for (const end = Date.now() + 20_000; !outcome && Date.now() < end;) await time.advance(20);
      if (!outcome) fail('the call did not settle');
      return settling;
    },
    /** Returns the events that contradicted the client's state. */
    eventProblems: () => clients.flatMap(({ seen }) => seen.problems),
    async close() {
      for (const gate of gates) gate.release();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
  secret(service.serverKey);
  return world;
};

/**
 * Returns a test body that runs in a world of its own. Afterwards it closes every client and
 * asserts that no timer is left and that no event contains a secret.
 */
export const inWorld = (lib, options, body) => async () => {
  const world = await createWorld(lib, options);
  try {
    await body(world);
  } finally {
    await world.close();
  }
  equal(world.pending(), 0, 'timers left after close');
  equal(world.eventProblems(), [], 'events that contradict the state');
  ok(!containsSecret(logOutput(world.events, 6)), 'an event contains a secret');
};

/** Creates a custom storage. `overrides[method]` replaces the behaviour of a method. */
export const customStorage = (overrides = {}) => {
  const items = new Map();
  const withOverride =
    (method, normally) =>
    async (...args) =>
      (overrides[method] ?? normally)(...args);
  return {
    items,
    overrides,
    getItem: withOverride('getItem', (key) => items.get(key) ?? null),
    setItem: withOverride('setItem', (key, value) => void items.set(key, value)),
    removeItem: withOverride('removeItem', (key) => void items.delete(key)),
    /** Returns the session record that a client keeps here, as key and text. */
    record: () => [...items].find(([key]) => key.endsWith(':session')),
  };
};

// Creates worlds for the SessionClient topics. A world has an emulated service and a device, each
// with a clock. The world can hold any request, or respond in place of the service. At the end of
// the test, it closes its clients.
import { equal, fail, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';
import { CANARY, collectLogText, createResponse, resolves } from './helpers.mjs';
import { createVirtualClock } from './virtual-clock.mjs';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The lifetime of a session of the service. */
export const LIFETIME_MS = 30 * DAY_MS;
/**
 * The margin at the end of a session that lives for `LIFETIME_MS`. A renewal is due after a
 * fraction of the time before the margin.
 */
export const MARGIN_MS = 5 * MINUTE_MS;
export const START_MS = Date.UTC(2026, 0, 1);
export const ENDPOINT = 'https://emulator.test';
export const SESSIONS = '/api/v5/sessions';
/** A path that any user may request with an access token. */
export const SETTINGS = '/api/v3/network-settings/chat';

/**
 * Returns the `credentials` option that a client must set in a request to a route of the app.
 * Workers have no cookies, and some reject the option.
 */
export const getCredentialsOption = ({ isWorker }) => (isWorker ? undefined : 'include');

let namespaceCount = 0;
/** Creates a namespace that no other test uses, since clients of one namespace share a device. */
export const createNamespace = () => `test-${Date.now().toString(36)}-${(namespaceCount += 1)}`;

/** Records the events of a client, in order. */
const recordEvents = (client) => {
  const seen = { states: [], renewed: [], failed: [], reasons: [], problems: [] };
  client.addEventListener('statechange', ({ detail }) => {
    // On some engines, an error that a listener throws ends the process. So the listener records
    // problems, and the test reports them at its end.
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
 * `release` lets the request continue, and `lose` breaks its connection.
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
  const service = await lib.emulator.createEmulator({ now: START_MS, ...rest });
  const clients = [];
  const events = [];
  const gates = [];
  const namespace = createNamespace();
  let inFlight = 0;
  const time = createVirtualClock({
    at: START_MS + skewMs,
    onAdvance: (ms) => service.clock.advance(ms),
    isBusy: () => inFlight > 0,
  });

  /**
   * Sends a request through the gates to the service. A request counts as in flight unless a gate
   * holds it.
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
      const abort = new Promise((_, reject) =>
        init.signal?.addEventListener('abort', () => reject(init.signal.reason)),
      );
      try {
        if (!(await Promise.race([gateOfRequest.opened, abort])))
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
    /** If set, responds to requests in place of the service, except if it returns undefined. */
    respond: undefined,
    /**
     * Holds the next request with this path and method before it reaches the service. With
     * `afterHandling`, holds the response instead, after the service has acted.
     */
    hold({ path = SESSIONS, method = 'POST', afterHandling = false } = {}) {
      const held = Object.assign(createGate(), { path, method, afterHandling });
      gates.push(held);
      return held;
    },
    createOptions: (overrides) => ({
      endpoint: ENDPOINT,
      apiKey: service.apiKey,
      fetch: (url, init) => send(url, init),
      clock: time.clock,
      retry: false,
      namespace,
      onEvent: (event) => events.push(event),
      ...overrides,
    }),
    /** Creates a client, which the world closes at the end. `seen` records its events. */
    createClient(overrides) {
      const client = new lib.browser.SessionClient(world.createOptions(overrides));
      clients.push(client);
      return Object.assign(client, { seen: recordEvents(client) });
    },
    /** Creates a client and signs it in. */
    async signIn(overrides, request = {}) {
      const client = world.createClient(overrides);
      await resolves(() => client.login({ userId: 'ada', ...request }), 'login');
      equal(client.state, 'established', 'state after the login');
      return client;
    },
    /** Returns the client's access token, registered as a secret. */
    getToken: async (client, options) =>
      registerSecret(await resolves(() => client.accessToken(options), 'accessToken')),
    /** Returns the requests that reached the service, by default those for a user's session. */
    listRequests: (path = SESSIONS, method = 'POST') =>
      service.requests.filter((request) => request.path === path && request.method === method),
    /** Counts the requests for a user's session, including those that a fault dropped. */
    countSessionRequests: () => world.listRequests().length,
    /** Returns whether the service accepts a token. */
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
    /** Drops every request until `goOnline` is called. */
    goOffline: () => service.faults.add({ drop: true, times: Infinity }),
    /** Removes all faults of the service. */
    goOnline: () => service.faults.clear(),
    /** Mints an auth token for this user. */
    async mint(userId) {
      const response = await service.fetch(`${ENDPOINT}/api/v4/authentication/token`, {
        method: 'POST',
        body: JSON.stringify({ userId }),
        headers: { 'x-server-key': service.serverKey, 'content-type': 'application/json' },
      });
      return registerSecret(JSON.parse(await response.text()));
    },
    /** Advances time in steps until the condition holds. Fails if that takes over `maxMs`. */
    async advanceUntil(condition, stepMs, maxMs, what) {
      for (let elapsed = 0; elapsed <= maxMs; elapsed += stepMs) {
        await time.waitUntilIdle();
        if (await condition()) return;
        await time.advance(stepMs);
      }
      fail(`advanced the clock by ${maxMs} ms without ${what}`);
    },
    /**
     * Advances time until the call settles, and returns the outcome of the call. Fails after 20 s
     * of real time.
     */
    async advanceUntilSettled(call) {
      let outcome;
      const settling = getOutcome(call).then((result) => (outcome = result));
      for (const end = Date.now() + 20_000; !outcome && Date.now() < end;) await time.advance(20);
      if (!outcome) fail('the call did not settle');
      return settling;
    },
    /** Returns descriptions of the events that contradicted the state of their client. */
    listEventProblems: () => clients.flatMap(({ seen }) => seen.problems),
    async close() {
      for (const gate of gates) gate.release();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
  registerSecret(service.serverKey);
  return world;
};

/**
 * Creates the body of a test that runs in a new world. After the test, it closes every client and
 * asserts that no timer is left, that the events agree with the state, and that no event and no
 * recorded request contains a secret.
 */
export const withWorld = (lib, options, body) => async () => {
  const world = await createWorld(lib, options);
  try {
    await body(world);
  } finally {
    await world.close();
  }
  equal(world.countTimers(), 0, 'timers left after close');
  equal(world.listEventProblems(), [], 'events that contradict the state');
  ok(!containsSecret(collectLogText(world.events, 6)), 'an event contains a secret');
  // Some tests pass this text as an argument, so a request may contain it.
  const recorded = JSON.stringify(world.service.requests).replaceAll(CANARY, '');
  ok(!containsSecret(recorded), 'a recorded request contains a secret');
};

/** Creates a custom storage. `overrides[method]` replaces the behaviour of a method. */
export const createStorage = (overrides = {}) => {
  const items = new Map();
  const createMethod =
    (method, defaultMethod) =>
    async (...args) =>
      (overrides[method] ?? defaultMethod)(...args);
  return {
    items,
    overrides,
    getItem: createMethod('getItem', (key) => items.get(key) ?? null),
    setItem: createMethod('setItem', (key, value) => void items.set(key, value)),
    removeItem: createMethod('removeItem', (key) => void items.delete(key)),
    /** Returns the key and the text of the session record that a client stored. */
    getRecord: () => [...items].find(([key]) => key.endsWith(':session')),
  };
};

/**
 * Responds to every request, except those that create, verify or revoke a session, and returns the
 * list in which it records the requests.
 */
export const recordRequests = (world, respond = () => createResponse({ hello: true })) => {
  const requests = [];
  world.respond = (url, init, path) => {
    if (path === SESSIONS || path === '/api/v3/sessions') return undefined;
    requests.push({
      url: String(url),
      init,
      bearer: new Headers(init.headers).get('authorization'),
    });
    return respond(requests.length, init);
  };
  return requests;
};

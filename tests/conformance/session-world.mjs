// What the topics about SessionClient share: a service with a clock, a device with one, clients
// that are closed at the end, and a hand on every request.
import { equal, fail, ok, secret, settled, spills } from './harness.mjs';
import { fine, printed } from './helpers.mjs';
import { virtualClock } from './virtual-clock.mjs';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The service's own length of a session. */
export const LIFETIME = 30 * DAY;
/** How long before its end a session counts as over when a renewal is planned. */
export const MARGIN = 5 * MINUTE;
export const START = Date.UTC(2026, 0, 1);
export const ENDPOINT = 'https://emulator.test';
export const SESSIONS = '/api/v5/sessions';
/** A call that bears an access token and that everyone may make. */
export const SETTINGS = '/api/v3/network-settings/chat';

let worlds = 0;
/** What no other test uses: clients of one namespace share a device. */
export const fresh = () => `test-${Date.now().toString(36)}-${(worlds += 1)}`;

/** What somebody sees who listens to a client, in order. */
const watch = (client) => {
  const seen = { states: [], renewed: [], failed: [], reasons: [], wrong: [] };
  client.addEventListener('statechange', ({ detail }) => {
    // What a listener throws would end the process, so it is said at the end of the test.
    const last = seen.states.at(-1) ?? 'notLoggedIn';
    if (detail.state !== client.state)
      seen.wrong.push(`${detail.state} is announced and ${client.state} is read`);
    if (detail.previous !== last)
      seen.wrong.push(
        `${detail.previous} is announced as the state before ${detail.state}, which was ${last}`,
      );
    seen.states.push(detail.state);
    if (detail.reason) seen.reasons.push(detail.reason);
  });
  client.addEventListener('renewed', ({ detail }) => seen.renewed.push(detail));
  client.addEventListener('renewalfailed', ({ detail }) => seen.failed.push(detail));
  return seen;
};

/**
 * A stop on a request's way: `arrived` resolves once one has come that far, `release` lets it go
 * on, `lose` breaks its connection.
 */
const gate = () => {
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
    used: false,
  };
};

const make = async (lib, options) => {
  const { skewMs = 0, ...rest } = options;
  const service = await lib.emulator.createEmulator({ now: START, ...rest });
  const clients = [];
  const events = [];
  const gates = [];
  const namespace = fresh();
  let underWay = 0;
  const time = virtualClock({
    at: START + skewMs,
    along: (ms) => service.clock.advance(ms),
    isBusy: () => underWay > 0,
  });

  /**
   * The service as `fetch`, with the gates on the way; it counts what is under way, unless a gate
   * holds it.
   */
  const send = async (url, init) => {
    const { pathname } = new URL(url, ENDPOINT);
    const mine = gates.find(
      (one) => !one.used && one.path === pathname && one.method === (init?.method ?? 'GET'),
    );
    if (mine) mine.used = true;
    const stop = async () => {
      mine.arrive();
      underWay -= 1;
      const gone = new Promise((_, reject) =>
        init.signal?.addEventListener('abort', () => reject(init.signal.reason)),
      );
      try {
        if (!(await Promise.race([mine.opened, gone]))) throw new TypeError('fetch failed');
      } finally {
        underWay += 1;
      }
    };
    underWay += 1;
    try {
      if (mine && !mine.answer) await stop();
      const response = await (world.answer?.(url, init, pathname) ?? service.fetch(url, init));
      if (mine?.answer) await stop();
      return response;
    } finally {
      underWay -= 1;
    }
  };

  const world = {
    ...time,
    service,
    events,
    namespace,
    fetch: send,
    /** Gives the answer to a request instead of the service, where it gives one. */
    answer: undefined,
    /**
     * Holds up the next such request, before the service has seen it or, with `answer`, after the
     * service has acted.
     */
    hold({ path = SESSIONS, method = 'POST', answer = false } = {}) {
      const held = Object.assign(gate(), { path, method, answer });
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
    /** A client, closed at the end; what it announces is in `seen`. */
    client(more) {
      const client = new lib.browser.SessionClient(world.options(more));
      clients.push(client);
      return Object.assign(client, { seen: watch(client) });
    },
    /** A client that is signed in. */
    async signedIn(more, request = {}) {
      const client = world.client(more);
      await fine(() => client.login({ userId: 'ada', ...request }), 'login');
      equal(client.state, 'established', 'state after the login');
      return client;
    },
    token: async (client, call) =>
      secret(await fine(() => client.accessToken(call), 'accessToken')),
    requests: (path = SESSIONS, method = 'POST') =>
      service.requests.filter((one) => one.path === path && one.method === method),
    /** Requests for a session, those that never arrived included. */
    made: () => world.requests().length,
    /** Whether the service honours a token. */
    honours: async (token) =>
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
    /** The network is gone until `online` is called. */
    offline: () => service.faults.add({ drop: true, times: Infinity }),
    online: () => service.faults.clear(),
    /** An auth token of this user. */
    async mint(userId) {
      const response = await service.fetch(`${ENDPOINT}/api/v4/authentication/token`, {
        method: 'POST',
        body: JSON.stringify({ userId }),
        headers: { 'x-server-key': service.serverKey, 'content-type': 'application/json' },
      });
      return secret(JSON.parse(await response.text()));
    },
    /** Turns on until it is true, in steps, and no further than that. */
    async turnUntil(condition, stepMs, withinMs, what) {
      for (let gone = 0; gone <= withinMs; gone += stepMs) {
        await time.rest();
        if (await condition()) return;
        await time.turn(stepMs);
      }
      fail(`turned the clock in vain for ${what}`);
    },
    /**
     * What a call comes to that waits for a time-out, be it of the client's clock or of the
     * engine's: both go on meanwhile.
     */
    async patiently(call) {
      let came;
      const ended = settled(call).then((outcome) => (came = outcome));
      for (const end = Date.now() + 20_000; !came && Date.now() < end;) await time.turn(20);
      if (!came) fail('the call did not settle');
      return ended;
    },
    wrong: () => clients.flatMap(({ seen }) => seen.wrong),
    async close() {
      for (const one of gates) one.release();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
  secret(service.serverKey);
  return world;
};

/**
 * Runs a test in a world of its own; afterwards every client is closed, no timer is left, and
 * nobody was told a secret.
 */
export const within = (lib, options, body) => async () => {
  const world = await make(lib, options);
  try {
    await body(world);
  } finally {
    await world.close();
  }
  equal(world.pending(), 0, 'timers left after close');
  equal(world.wrong(), [], 'what the listeners were told');
  ok(!spills(printed(world.events, 6)), 'an event shows a secret');
};

/** Rejects with this kind of the one error class, and spills nothing. */
export const rejects = async (call, kind, what = 'call') => {
  const { error, value } = await settled(call);
  if (error === undefined) fail(`${what} resolved with ${typeof value}, wanted the error ${kind}`);
  ok(
    error?.constructor?.is?.(error) === true,
    `${what}: rejected with something that is no SocialPlusError, but ${error?.name}`,
  );
  ok(!spills(printed(error)), `${what}: the error shows a secret`);
  const kinds = [kind].flat();
  ok(
    kinds.includes(error.kind),
    `${what}: kind is ${error.kind}, wanted ${kinds.join(' or ')}; message: ${error.message}`,
  );
  return error;
};

/** Storage of the caller's own. `broken[method]` is run instead of what a method does. */
export const ownStorage = (broken = {}) => {
  const items = new Map();
  const run =
    (method, whole) =>
    async (...given) =>
      broken[method] ? broken[method](...given) : whole(...given);
  return {
    items,
    broken,
    getItem: run('getItem', (key) => items.get(key) ?? null),
    setItem: run('setItem', (key, value) => void items.set(key, value)),
    removeItem: run('removeItem', (key) => void items.delete(key)),
    /** The one record that a client keeps here. */
    record: () => [...items].find(([key]) => key.endsWith(':session')),
  };
};

// Tests how a client listens to a page, with an imitation of a window in Node: which events wake
// the client, which `storage` events concern it, and what it leaves behind. The tests in real
// browsers use the same events, but cannot count listeners or withhold the channel.
import { equal, ok, waitUntil, withReplaced } from './harness.mjs';
import { resolves } from './helpers.mjs';
import { LIFETIME_MS, withWorld } from './session-world.mjs';

/** Creates a window whose tabs share a `localStorage` but have no channel. */
const createWindow = () => {
  const items = new Map();
  const listeners = new Set();
  return {
    listeners,
    items,
    localStorage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
    addEventListener(type, listener, { capture = false, signal } = {}) {
      const entry = { type, listener, capture };
      listeners.add(entry);
      signal?.addEventListener('abort', () => listeners.delete(entry));
    },
    /** Dispatches an event as on the document: only capturing listeners of the window see it. */
    dispatch(type, fields) {
      for (const entry of [...listeners])
        if (entry.type === type && entry.capture) entry.listener({ type, ...fields });
    },
  };
};

/** Runs the body of a test in a world and a window. */
const withWindow = (lib, body) => {
  const page = createWindow();
  const globals = {
    document: {},
    navigator: {},
    localStorage: page.localStorage,
    addEventListener: page.addEventListener,
    BroadcastChannel: undefined,
  };
  return Object.entries(globals).reduce(
    (run, [name, value]) =>
      () =>
        withReplaced(globalThis, name, value, run),
    withWorld(lib, {}, (world) => body(world, page)),
  );
};

export const listWindowTests = (lib) => [
  ...['online', 'pageshow', 'visibilitychange', 'resume'].map((type) => [
    `the ${type} event starts a renewal that is due`,
    withWindow(lib, async (world, page) => {
      const client = await world.signIn();
      world.sleep(LIFETIME_MS * 0.95);
      await world.waitUntilIdle();
      equal(world.countSessionRequests(), 1, 'requests before the event');
      page.dispatch(type);
      await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
      equal(world.countSessionRequests(), 2, 'requests');
    }),
  ]),
  [
    'only the online event ends the pause after a failed renewal',
    withWindow(lib, async (world, page) => {
      const client = await world.signIn();
      world.goOffline();
      world.sleep(LIFETIME_MS * 0.95);
      page.dispatch('pageshow');
      await waitUntil(() => client.seen.failed.length === 1, 'the failure');
      world.goOnline();
      for (const type of ['pageshow', 'visibilitychange', 'resume']) {
        page.dispatch(type);
        await world.waitUntilIdle();
        equal(client.seen.renewed.length, 0, `renewals after ${type}`);
      }
      page.dispatch('online');
      await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
    }),
  ],
  [
    'the storage event of its session tells a client that another tab has signed in',
    withWindow(lib, async (world, page) => {
      const other = world.createClient({ storage: 'local' });
      equal(await resolves(() => other.resume()), 'notLoggedIn', 'state at first');
      await world.signIn({ storage: 'local' });
      for (const key of [null, undefined, '', 'another key', 'my-social-plus-auth']) {
        page.dispatch('storage', { key });
        await world.waitUntilIdle();
        equal(other.state, 'notLoggedIn', `state after the event of ${key}`);
      }
      const key = [...page.items.keys()].find((name) => name.endsWith(':session'));
      page.dispatch('storage', { key });
      await waitUntil(() => other.state === 'established', 'the session of the other tab');
      equal(other.userId, 'ada', 'user');
      equal(world.countSessionRequests(), 1, 'requests');
    }),
  ],
  [
    'the storage event of the shared numbers tells a client that another tab has signed out',
    withWindow(lib, async (world, page) => {
      const client = await world.signIn({ storage: 'local' });
      const other = world.createClient({ storage: 'local' });
      await resolves(() => other.resume());
      await resolves(() => client.logout());
      equal(other.state, 'established', 'state before the event');
      const key = [...page.items.keys()].find((name) => !name.endsWith(':session'));
      page.dispatch('storage', { key });
      await waitUntil(() => other.state === 'notLoggedIn', 'the end of the session');
    }),
  ],
  [
    'close removes every listener of a client from the window',
    withWindow(lib, async (world, page) => {
      const client = await world.signIn();
      const types = [...page.listeners].map(({ type }) => type).sort();
      equal(types, ['online', 'pageshow', 'resume', 'storage', 'visibilitychange'], 'events');
      ok(
        [...page.listeners].every(({ capture }) => capture),
        'a listener does not capture the events of the document',
      );
      await client.close();
      equal(page.listeners.size, 0, 'listeners after close');
    }),
  ],
  [
    'a revocation outlives the page',
    withWindow(lib, async (world) => {
      const client = await world.signIn();
      let keepalive;
      world.respond = (url, init) => {
        if (init?.method === 'DELETE') ({ keepalive } = init);
        return undefined;
      };
      equal(await resolves(() => client.logout()), { revoked: true }, 'result');
      equal(keepalive, true, 'keepalive');
    }),
  ],
];

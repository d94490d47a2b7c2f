// Tests what `onEvent` of a SessionClient says about states, renewals and other tabs.
import { equal, getOutcome, ok, waitUntil } from './harness.mjs';
import { resolves } from './helpers.mjs';
import { LIFETIME_MS, SETTINGS, createStorage, withWorld } from './session-world.mjs';

/** Creates a function that records the events of one client. */
const createRecorder = () => {
  const events = [];
  const list = (type) => events.filter((event) => event.type === type).map(({ detail }) => detail);
  return { onEvent: (event) => void events.push(event), list };
};

export default ({ test, lib, engine }) => {
  test(
    'onEvent receives every state, and whether a renewal failed',
    withWorld(lib, {}, async (world) => {
      const { onEvent, list } = createRecorder();
      const client = await world.signIn({ onEvent });
      await resolves(() => client.renew());
      world.goOffline();
      await getOutcome(() => client.renew());
      world.goOnline();
      await resolves(() => client.logout());
      equal(list('state'), ['establishing', 'established', 'notLoggedIn'], 'states');
      equal(list('renewal'), ['by this tab', 'failed'], 'renewals');
    }),
  );
  test(
    'onEvent receives each access to storage that fails',
    withWorld(lib, {}, async (world) => {
      const { onEvent, list } = createRecorder();
      const storage = createStorage({
        setItem() {
          throw new Error('full');
        },
      });
      await world.signIn({ onEvent, storage });
      await waitUntil(() => list('storage').length, 'the event');
      equal(list('storage')[0], 'failed', 'detail');
    }),
  );
  test(
    'fetch returns what the fetch option resolves to, even if that is nothing',
    withWorld(lib, {}, async (world) => {
      const fetch = (url, init) =>
        String(url).includes(SETTINGS) ? Promise.resolve() : world.fetch(url, init);
      const client = await world.signIn({ fetch });
      equal(await resolves(() => client.fetch(SETTINGS)), undefined, 'response');
    }),
  );
  if (engine.isWorker) return;
  test(
    'onEvent names the messages of other tabs, and their renewals',
    withWorld(lib, {}, async (world) => {
      const { onEvent, list } = createRecorder();
      const other = world.createClient({ onEvent });
      await resolves(() => other.resume());
      const client = await world.signIn();
      await waitUntil(() => other.state === 'established', 'the session of the other tab');
      world.sleep(LIFETIME_MS / 2);
      await resolves(() => client.renew());
      await waitUntil(() => list('renewal').length, 'the renewal');
      equal(list('renewal'), ['by another tab'], 'renewals');
      const names = new Set(list('tab'));
      ok(names.has('changed'), `messages: ${[...names]}`);
      names.delete('changed');
      names.delete('requestSession');
      names.delete('discarded');
      equal([...names], [], 'other names');
    }),
  );
};

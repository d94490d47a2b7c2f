// Counts the messages that tabs send to each other. By rule 18, each tab may send at most four
// messages per event, and none without an event.
import { equal, ok } from '../conformance/harness.mjs';
import { openSignedIn, waitUntil, withWorld } from './browser.mjs';

/** Rule 18. */
const MAX_MESSAGES_PER_EVENT = 4;
/** If tabs send nothing for this long in real time, they are at rest. */
const REST_MS = 1000;

/**
 * Counts the messages that a page sends, and drops all after the first 500, because a storm would
 * exhaust the memory of the browser. Runs in the page.
 */
export const countMessages = () => {
  const MAX_SENT = 500;
  const { postMessage } = BroadcastChannel.prototype;
  globalThis.sentMessages = 0;
  BroadcastChannel.prototype.postMessage = function (message) {
    globalThis.sentMessages += 1;
    if (globalThis.sentMessages <= MAX_SENT) postMessage.call(this, message);
  };
};

export const readCounts = (world) =>
  Promise.all(world.tabs.map(({ page }) => page.evaluate(() => globalThis.sentMessages)));

/** Waits until no tab has sent a message for `REST_MS`. */
const waitForRest = async (world) => {
  let before;
  await waitUntil(async () => {
    await world.callAll('settle');
    const counts = String(await readCounts(world));
    if (counts === before) return true;
    before = counts;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    return false;
  }, 'rest on the channel');
};

/** Runs an action that causes `events` events, and checks how many messages each tab sends. */
const expectFewMessages = async (world, events, action) => {
  await waitForRest(world);
  const before = await readCounts(world);
  await action();
  await waitForRest(world);
  const sent = (await readCounts(world)).map((count, n) => count - before[n]);
  const max = MAX_MESSAGES_PER_EVENT * events;
  ok(
    sent.every((count) => count <= max),
    `the tabs sent ${sent} messages, each may send ${max}`,
  );
};

const expectOneUser = async (world) => {
  const snapshots = await world.callAll('snapshot');
  const users = new Set(snapshots.map(({ state, userId }) => `${state} ${userId}`));
  equal(users.size, 1, 'number of different pairs of state and user');
};

const logInTwoUsers = async (world) => {
  await openSignedIn(world, 4);
  const [first, , , last] = world.tabs;
  // Two logins, and the end of the session that loses.
  await expectFewMessages(world, 3, () =>
    Promise.all([first.call('login', 'grace'), last.call('login', 'joan')]),
  );
  await expectOneUser(world);
  await world.expectOneToken('after two logins');
};

/** A deployment changes the storage from `memory` to `storage`: old and new tabs share a device. */
const mixStorages = (storage) => async (world) => {
  await world.open(2);
  equal(await world.tabs[0].call('login', 'ada'), 'ada', 'user of the login');
  await world.openWith({ storage }, 2);
  await expectFewMessages(world, 4, () => world.callAll('resume'));
  await expectFewMessages(world, 1, () => world.tabs[3].call('renew'));
  await expectFewMessages(world, 1, () => world.tabs[0].call('renew'));
  await world.expectOneToken('after two renewals');
  await world.expectStates('established');
};

export default ({ test, browser }) => {
  const few = { init: countMessages };
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `tabs in which two users sign in send few messages, ${storage}`,
      withWorld(browser, { ...few, options: { storage } }, logInTwoUsers),
    );
  }
  for (const storage of ['local', 'encrypted']) {
    test(
      `tabs with the storages memory and ${storage} share a session and send few messages`,
      withWorld(browser, few, mixStorages(storage)),
    );
  }
};

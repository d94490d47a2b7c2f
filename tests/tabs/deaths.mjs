// Closes a tab, or delays its response, in the middle of a renewal. The other tabs must recover
// with at most one more request. Also lets a page hold the lock of the device forever.
import { equal, ok } from '../conformance/harness.mjs';
import {
  DAY_MS,
  TOKEN_LIFETIME_MS,
  waitUntil,
  expectAtMostRequests,
  openSignedIn,
  waitForState,
  withWorld,
} from './browser.mjs';

/** Advances time until a tab renews and the site holds its request or response. Returns the tab. */
const advanceToRenewal = async (world, held) => {
  let sender;
  held.arrived.then((number) => (sender = number));
  // No renewal is due before half of the lifetime.
  await world.advance(TOKEN_LIFETIME_MS * 0.49);
  for (let day = 0; sender === undefined && day < 13; day += 1) await world.advance(DAY_MS);
  ok(sender !== undefined, 'no tab renewed in time');
  const tab = world.tabs.find(({ number }) => number === sender);
  ok(tab, `no tab has the number ${sender}`);
  return tab;
};

const STEP_MS = 2000;

/** Calls a function in every tab and advances time until all calls are finished. */
export const callAllWhileAdvancing = async (world, name) => {
  let isDone = false;
  const calls = world.callAll(name).finally(() => (isDone = true));
  await waitUntil(async () => {
    await Promise.race([calls, world.rest()]);
    if (!isDone) await world.advance(STEP_MS);
    return isDone;
  }, `${name} in all tabs`);
  return calls;
};

/** Checks that every tab recovers with at most one more request, and that one tab renews later. */
const expectRecovery = async (world) => {
  const { site } = world;
  // A request that waits for a failing renewal resolves with status 401. Later, one tab renews.
  await waitUntil(
    async () =>
      (await callAllWhileAdvancing(world, 'fetchStatus')).every((status) => status === 200),
    'an accepted request of every tab',
  );
  // The login, the lost renewal, and one more renewal.
  expectAtMostRequests(site.countSessionRequests(), 3, 'until the recovery');
  await world.expectOneToken('after the recovery');
  await world.expectStates('established');
  const before = site.countSessionRequests();
  await world.advance(TOKEN_LIFETIME_MS);
  await callAllWhileAdvancing(world, 'token');
  await world.expectOneToken('after a month');
  equal(site.countSessionRequests() - before, 1, 'session requests of the next renewal');
  await world.expectStates('established', 'states after a month');
};

const closeInRenewal = (afterHandling) => async (world) => {
  await openSignedIn(world);
  const held = world.site.holdRequest({ afterHandling });
  await world.remove(await advanceToRenewal(world, held));
  held.release();
  await expectRecovery(world);
};

/** Delays the response to a renewal until all tabs have recovered. */
const delayResponse = async (world) => {
  await openSignedIn(world);
  const held = world.site.holdRequest({ afterHandling: true });
  await advanceToRenewal(world, held);
  await expectRecovery(world);
  const before = world.site.countSessionRequests();
  held.release();
  await world.advance(1000);
  await world.expectOneToken('after the late response');
  equal(world.site.countSessionRequests(), before, 'session requests after the late response');
};

/** Makes a page take the device's Web Lock and never release it. */
const holdLockForever = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  const lockNames = await tabs[0].page.evaluate(() =>
    Object.keys(localStorage).filter((key) => !key.endsWith(':session')),
  );
  equal(lockNames.length, 1, 'number of storage keys of the device');
  await tabs[0].page.evaluate(
    (name) => void navigator.locks.request(name, () => new Promise(() => {})),
    lockNames[0],
  );
  const [holder] = tabs.splice(0, 1);
  for (let month = 1; month <= 3; month += 1) {
    await world.advance(TOKEN_LIFETIME_MS);
    await callAllWhileAdvancing(world, 'token');
    await world.expectOneToken(`after ${month} months`);
  }
  // The login and three renewals. Without the lock, each renewal may happen twice.
  expectAtMostRequests(site.countSessionRequests(), 7, 'in three months');
  const heldLocks = await holder.page.evaluate(async () =>
    (await navigator.locks.query()).held.map(({ name }) => name),
  );
  // Another tab may still hold a lock of `settle`.
  const deviceLocks = heldLocks.filter((name) => lockNames.includes(name));
  equal(deviceLocks, lockNames, 'locks of the device that are still held');
  await tabs[0].call('logout');
  await waitForState(world, 'notLoggedIn');
};

export default ({ test, browser }) => {
  const local = { storage: 'local' };
  test(
    'lesson 13: other tabs recover after a tab is closed during its renewal',
    withWorld(browser, { options: local }, closeInRenewal(true)),
  );
  test(
    'other tabs recover after a tab is closed before its renewal reaches the service, memory',
    withWorld(browser, { options: {} }, closeInRenewal(false)),
  );
  test(
    'other tabs recover after a tab is closed during its renewal, memory',
    withWorld(browser, { options: {} }, closeInRenewal(true)),
  );
  test(
    'other tabs recover after a tab is closed during its renewal, without Web Locks',
    withWorld(browser, { options: local, locks: false }, closeInRenewal(true)),
  );
  test(
    'a late response to a renewal leaves one valid token and causes no request, memory',
    withWorld(browser, { options: {} }, delayResponse),
  );
  test(
    'a late response to a renewal leaves one valid token and causes no request, local',
    withWorld(browser, { options: local }, delayResponse),
  );
  test(
    'a late response leaves one valid token and causes no request, without Web Locks',
    withWorld(browser, { options: local, locks: false }, delayResponse),
  );
  test(
    'lesson 2: a lock that is held forever blocks no tab',
    withWorld(browser, { options: local }, holdLockForever),
  );
};

// Closes a tab, freezes it or delays its response in the middle of a renewal. The other tabs must
// recover with at most one more request.
import { equal, ok } from '../conformance/harness.mjs';
import {
  DAY_MS,
  HOUR_MS,
  TOKEN_LIFETIME_MS,
  waitUntil,
  expectAtMostRequests,
  openSignedIn,
  waitForState,
  withWorld,
} from './browser.mjs';

/** Advances time until a tab renews and the site holds its request. Returns the tab. */
const advanceToRenewal = async (world, held) => {
  const senders = [];
  world.context.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/v5/sessions'))
      senders.push(request.frame().page());
  });
  let hasArrived = false;
  held.arrived.then(() => (hasArrived = true));
  const step = 12 * HOUR_MS;
  for (let elapsed = 0; !hasArrived && elapsed < TOKEN_LIFETIME_MS * 0.92; elapsed += step)
    await world.advance(step);
  ok(hasArrived, 'no tab renewed in time');
  return world.tabs.find(({ page }) => page === senders[0]);
};

/** How long tabs may take to decide which of them renews. Their storage works in real time. */
const REAL_ELECTION_MS = 400;
const STEP_MS = 2000;

/** Calls a function in every tab and advances time until all calls are finished. */
const callAllWhileAdvancing = async (world, name) => {
  let isDone = false;
  const calls = world.callAll(name).finally(() => (isDone = true));
  await waitUntil(async () => {
    await Promise.race([calls, new Promise((resolve) => setTimeout(resolve, REAL_ELECTION_MS))]);
    if (!isDone) await world.advance(STEP_MS);
    return isDone;
  }, `${name} in all tabs`);
  return calls;
};

/** Checks that every tab can continue, now and after a month, with at most one more request. */
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
  equal(world.tabs.length, 7, 'remaining tabs');
  held.release();
  await expectRecovery(world);
};

/** Delays the response to a renewal until the other tabs have recovered. */
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

/**
 * Freezes a tab during its renewal, as a browser does. No script runs in the tab, and its timers
 * and responses wait.
 */
const freezeInRenewal = async (world) => {
  await openSignedIn(world, 4);
  const { site, tabs } = world;
  const [frozen] = tabs;
  const held = site.holdRequest({ afterHandling: true });
  frozen.call('renew').catch(() => {});
  await held.arrived;
  const devtools = await world.context.newCDPSession(frozen.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  held.release();
  tabs.splice(0, 1);
  const start = site.countSessionRequests();
  const elapsed = TOKEN_LIFETIME_MS + DAY_MS;
  site.service.clock.advance(elapsed);
  await world.callAll('sleep', elapsed);
  let isDone = false;
  const calls = world.callAll('token').finally(() => (isDone = true));
  await waitUntil(async () => {
    if (!isDone) {
      site.service.clock.advance(STEP_MS);
      await world.callAll('advance', STEP_MS);
    }
    return isDone;
  }, 'the tokens');
  equal(new Set(await calls).size, 1, 'number of different tokens');
  equal(await world.callAll('fetchStatus'), [200, 200, 200], 'statuses of requests');
  expectAtMostRequests(site.countSessionRequests() - start, 1, 'while the tab is frozen');
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  tabs.push(frozen);
  await frozen.call('sleep', elapsed);
  await world.expectOneToken('after the tab was thawed');
  expectAtMostRequests(site.countSessionRequests() - start, 1, 'after the tab was thawed');
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
  equal(heldLocks, lockNames, 'locks that the page still holds');
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
    'a late response to a renewal changes nothing, memory',
    withWorld(browser, { options: {} }, delayResponse),
  );
  test(
    'a late response to a renewal changes nothing, local',
    withWorld(browser, { options: local }, delayResponse),
  );
  test(
    'a late response to a renewal changes nothing, without Web Locks',
    withWorld(browser, { options: local, locks: false }, delayResponse),
  );
  test(
    'other tabs recover while a tab is frozen during its renewal',
    withWorld(
      browser,
      {
        fakeClock: false,
        options: { ...local, virtualTime: Date.now() },
        service: { now: Date.now() },
      },
      freezeInRenewal,
    ),
  );
  test(
    'lesson 2: a lock that is held forever blocks no tab',
    withWorld(browser, { options: local }, holdLockForever),
  );
};

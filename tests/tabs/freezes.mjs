// Freezes a tab in the middle of a renewal, as a browser freezes a hidden tab. Only Chromium lets a
// test do that.
import { equal, ok } from '../conformance/harness.mjs';
import {
  DAY_MS,
  TOKEN_LIFETIME_MS,
  expectAtMostRequests,
  openSignedIn,
  withWorld,
} from './browser.mjs';
import { callAllWhileAdvancing } from './deaths.mjs';

/** How many beats of 10 ms another tab counts while the frozen tab must count none. */
const MISSED_BEATS = 20;

/**
 * Freezes a tab behind another one, and checks that its timers stand still. Returns a function that
 * checks this again and thaws the tab.
 */
const freeze = async (tab, front) => {
  await tab.call('startBeats');
  await tab.call('waitForBeats', 1);
  await front.page.bringToFront();
  const devtools = await tab.page.openDevTools();
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  const before = await tab.call('countBeats');
  await front.call('startBeats');
  await front.call('waitForBeats', MISSED_BEATS);
  equal((await tab.call('countBeats')) - before, 0, 'beats of the frozen tab');
  return async () => {
    const after = await tab.call('countBeats');
    equal(after - before, 0, 'beats of the tab until it is thawed');
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await tab.call('waitForBeats', after + 1);
  };
};

/**
 * Freezes a tab during its renewal. Its timers and its response wait, but Chromium still delivers
 * the messages of other tabs.
 */
const freezeInRenewal = async (world) => {
  await openSignedIn(world, 4);
  const { site, tabs } = world;
  const [frozen, front] = tabs;
  const held = site.holdRequest({ afterHandling: true });
  const renewal = frozen.call('renew');
  await held.arrived;
  const thaw = await freeze(frozen, front);
  held.release();
  tabs.splice(0, 1);
  const start = site.countSessionRequests();
  await world.advance(TOKEN_LIFETIME_MS + DAY_MS);
  const tokens = await callAllWhileAdvancing(world, 'token');
  equal(new Set(tokens).size, 1, 'number of different tokens');
  equal(await world.callAll('fetchStatus'), [200, 200, 200], 'statuses of requests');
  expectAtMostRequests(site.countSessionRequests() - start, 1, 'while the tab is frozen');
  await thaw();
  tabs.push(frozen);
  const outcome = await renewal;
  ok(typeof outcome === 'string', `the renewal of the frozen tab did not settle: ${outcome}`);
  await world.expectOneToken('after the tab was thawed');
  expectAtMostRequests(site.countSessionRequests() - start, 1, 'after the tab was thawed');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local']) {
    test(
      `a tab that is frozen during its renewal holds up no other tab, and recovers, ${storage}`,
      withWorld(browser, { options: { storage } }, freezeInRenewal),
    );
  }
};

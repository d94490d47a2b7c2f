// Signs out in a tab whose thread was blocked while another tab renewed.
import { equal } from '../conformance/harness.mjs';
import {
  expectSignedInUsers,
  openSignedIn,
  waitForState,
  waitUntil,
  withWorld,
} from './browser.mjs';

const MINUTE_MS = 60_000;

/** Rule 17: a logout covers the device, not the tab. */
const logOutUnaware = async (world) => {
  await openSignedIn(world, 3);
  const { site, tabs } = world;
  const renewal = tabs[0].call('renewDuringHold');
  const outcome = await tabs[1].call('logOutAfterHold');
  await renewal;
  equal(site.countSessionRequests(), 2, 'session requests');
  await waitForState(world, 'notLoggedIn');
  if (outcome === 'revoked true') return expectSignedInUsers(site, []);
  equal(outcome, 'revoked false', 'outcome of the logout');
  await waitUntil(async () => {
    await world.advance(MINUTE_MS);
    return !site.service.sessions().some(({ valid }) => valid);
  }, 'the revocation of the renewed token');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `a logout in a tab that was blocked also revokes another tab's renewed token, ${storage}`,
      withWorld(browser, { options: { storage } }, logOutUnaware),
    );
  }
};

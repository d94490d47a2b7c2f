// Eight tabs over ninety days: they stay signed in, and each renewal takes one request.
import { equal, ok } from '../conformance/harness.mjs';
import { DAY_MS, HOUR_MS, TOKEN_LIFETIME_MS, openSignedIn, withWorld } from './browser.mjs';

const TABS = 8;
const STEP_MS = 20 * HOUR_MS;

const stayForNinetyDays = async (world) => {
  const { site } = world;
  await openSignedIn(world, TABS);
  equal(site.countSessionRequests(), 1, 'session requests of the login');

  /** The time after which the test noticed each session. */
  const createdAt = [0];
  for (let elapsed = STEP_MS; elapsed <= 90 * DAY_MS; elapsed += STEP_MS) {
    await world.advance(STEP_MS);
    const when = `after ${elapsed / DAY_MS} days`;
    await world.expectStates('established', `states ${when}`);
    if (site.countSessionRequests() === createdAt.length) continue;
    createdAt.push(elapsed);
    equal(site.countSessionRequests(), createdAt.length, `session requests ${when}`);
    await world.expectOneToken(when);
  }

  const renewals = createdAt.length - 1;
  ok(renewals >= 3 && renewals <= 6, `there were ${renewals} renewals, 3 to 6 expected`);
  const minIntervalMs = TOKEN_LIFETIME_MS * 0.5 - 2 * STEP_MS;
  const isEarly = createdAt.slice(1).some((at, n) => at - createdAt[n] < minIntervalMs);
  ok(!isEarly, `renewed too early: days ${createdAt.map((at) => at / DAY_MS)}`);

  const observations = await world.callAll('observations');
  for (const { states, failed, renewed } of observations) {
    equal(states, ['establishing', 'established'], 'statechange events of a tab');
    equal(failed, [], 'renewalfailed events of a tab');
    equal(renewed.length, renewals, 'renewed events of a tab');
  }
  const ownRenewals = observations.flatMap(({ renewed }) => renewed).filter(Boolean);
  equal(ownRenewals.length, renewals, 'number of renewed events with byThisTab: true');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `eight tabs stay signed in for ninety days, ${storage}`,
      withWorld(browser, { options: { storage } }, stayForNinetyDays),
    );
  }
  for (const storage of ['memory', 'local']) {
    test(
      `eight tabs stay signed in for ninety days, ${storage}, without Web Locks`,
      withWorld(browser, { options: { storage }, locks: false }, stayForNinetyDays),
    );
  }
};

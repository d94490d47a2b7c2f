// Eight tabs through ninety days: signed in throughout, one request for each renewal.
import { equal, ok } from '../conformance/harness.mjs';
import { DAY, HOUR, LIFETIME, within } from './browser.mjs';

const STEP = 20 * HOUR;

const ninetyDays = async (world) => {
  const { site } = world;
  const first = await world.open();
  equal(await first.call('login', 'ada'), 'ada', 'login');
  await world.open(7);
  equal(await world.all('resume'), Array(8).fill('established'), 'the others take it up');
  equal(site.made(), 1, 'session requests');

  let made = 1;
  const moments = [0];
  for (let gone = 0; gone < 90 * DAY; gone += STEP) {
    await world.step(STEP);
    equal(await world.states(), Array(8).fill('established'), `states after ${gone / DAY} days`);
    if (site.made() === made) continue;
    equal(site.made(), (made += 1), `session requests after ${gone / DAY} days`);
    moments.push(gone);
    await world.agree(`after ${gone / DAY} days`);
  }

  const renewals = made - 1;
  ok(renewals >= 3 && renewals <= 6, `${renewals} renewals`);
  const early = moments.some(
    (moment, n) => n > 0 && moment - moments[n - 1] < LIFETIME * 0.5 - 2 * STEP,
  );
  ok(!early, `renewed too early: ${moments.map((moment) => moment / DAY)}`);
  const seen = await world.seen();
  for (const { states, failed } of seen) {
    equal([states, failed], [['establishing', 'established'], []], 'what a tab was told');
  }
  equal(
    seen.map(({ renewed }) => renewed.length),
    Array(8).fill(renewals),
    'renewals that each tab was told of',
  );
  equal(
    seen.flatMap(({ renewed }) => renewed).filter(Boolean).length,
    renewals,
    'renewals by a tab itself',
  );
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(`ninety days, ${storage}`, within(browser, { options: { storage } }, ninetyDays));
  }
  for (const storage of ['memory', 'local']) {
    test(
      `ninety days, ${storage}, without Web Locks`,
      within(browser, { options: { storage }, locks: false }, ninetyDays),
    );
  }
};

// Tests the page on a narrow screen, with reduced motion, and without the emulator.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';
import { readDiagramRows } from './sign-in.mjs';

/**
 * Returns the texts of the elements that extend beyond the left or right edge of the viewport. Runs
 * in the page.
 */
const findTextsOutside = (elements) =>
  elements
    .filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > innerWidth;
    })
    .map((element) => element.textContent);

/**
 * Returns the texts of the elements that are not entirely to the right of the lane `page`. Runs in
 * the page.
 */
const findTextsOverLane = (elements) => {
  const lanes = document.getElementById('lanes');
  const { left, width } = lanes.getBoundingClientRect();
  const edge = parseFloat(getComputedStyle(lanes).getPropertyValue('--edge')) / 100;
  return elements
    .filter((element) => element.getBoundingClientRect().left <= left + edge * width)
    .map((element) => element.textContent);
};

export async function checkPresentation({ apiKey, endpoint, page, user, snapshot, ...world }) {
  await check('nothing overflows at a width of 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    assert.equal(await user.measureOverflow(), 0, 'overflow before the sign-in');
    await user.press('sign-in');
    await user.waitForState('established');
    await page.click('.by-worker.request button');
    await user.press('service-down');
    await page.waitForSelector('#error[data-kind="server"]:not([hidden])');
    await user.waitUntilIdle();
    await page.click('.by-worker.request button');
    assert.equal(await user.measureOverflow(), 0, 'overflow with a failure of the service');
    await user.press('wrong-server-key');
    await page.waitForSelector('#error[data-kind="server"] >> text=correlationId');
    await user.waitUntilIdle();
    assert.equal(await user.measureOverflow(), 0, 'overflow with a failure of the worker');
    const texts = '.row .line, .row .summary, .actor';
    assert.deepEqual(await page.$$eval(texts, findTextsOutside), []);
    assert.deepEqual(await page.$$eval('.row.far .line', findTextsOverLane), []);
    await snapshot('narrow-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await snapshot('narrow-dark');
  });

  await check('nothing is animated with reduced motion', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await user.press('sign-in');
    await user.waitForStatus('Signed in');
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  });

  await check(
    'without the emulator, the page hides failures and clock, and the diagram uses Server-Timing',
    async () => {
      const config = { apiKey, endpoint, emulator: false };
      await page.route('**/demo/config', (route) => route.fulfill({ json: config }));
      await world.reload();
      assert.equal(await page.isVisible('#wrong'), false, 'visibility of the failures');
      assert.equal(await page.isVisible('#clock'), false, 'visibility of the clock');
      await user.waitForState('established');
      await user.press('sign-out');
      await user.waitForState('notLoggedIn');
      await user.press('sign-in');
      await user.waitForState('established');
      const rows = await readDiagramRows(user);
      assert.equal(rows.length, 8, 'number of rows');
      assert.deepEqual(rows.slice(3, 5), [
        'worker to social.plus: POST /api/v4/authentication/token, mints it with the server key',
        'social.plus to worker: 200',
      ]);
      await page.unroute('**/demo/config');
    },
  );
}

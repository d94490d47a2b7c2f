// Runs all checks of the demo. After the checks of the page, one check asserts that nothing that
// the browser received contains the server key.
import assert from 'node:assert/strict';
import { checkCalls } from './calls.mjs';
import { checkCommandLine } from './command-line.mjs';
import { check, report } from './harness.mjs';
import { checkPresentation } from './presentation.mjs';
import { checkRoutes } from './routes.mjs';
import { checkSignIn } from './sign-in.mjs';
import { checkSignOut } from './sign-out.mjs';
import { checkStartPage } from './start-page.mjs';
import { checkTabs } from './tabs.mjs';
import { checkUnits } from './units.mjs';
import { startWorld } from './world.mjs';

const world = await startWorld();
const { address, apiKey, serverKey, demo, feed, browser, page, user } = world;

await checkUnits();
await checkStartPage(world);
await checkSignIn(world);
await checkRoutes(world);
await checkCalls(world);
await checkSignOut(world);
await checkPresentation(world);

// The checks of the tabs expect a user who is signed out, and a wide window.
await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
await page.setViewportSize({ width: 1280, height: 860 });
await user.press('sign-out');
await user.waitForState('notLoggedIn');
await world.reload();
await checkTabs(world);

await check('the browser never receives the server key', async () => {
  const { stored, cookie } = await page.evaluate(() => ({
    stored: JSON.stringify(localStorage),
    cookie: document.cookie,
  }));
  const received = [
    ...(await browser.readReceived()),
    await page.content(),
    stored,
    cookie,
    ...feed,
  ];
  const text = received.join('\n');
  // Proves that the search works: it finds the API key, and a request that the feed reports.
  assert.ok(text.includes(apiKey), 'the text lacks the API key');
  assert.ok(feed.join('').includes('/api/v4/authentication/token'), 'the feed lacks a request');
  assert.ok(!text.includes(serverKey), 'the text contains the server key');
});

await check('the console shows no errors or warnings other than failed requests', () =>
  assert.deepEqual(browser.problems, []),
);

await world.closeBrowser();
await checkCommandLine(address);

await check('SIGTERM stops the demo, and its output contains no key', async () => {
  demo.stop();
  const { code, printed } = await demo.ended;
  assert.equal(code, 0);
  assert.ok(!printed.includes(serverKey), 'the output contains the server key');
  assert.ok(!printed.includes(apiKey), 'the output contains the API key');
  await assert.rejects(fetch(address));
});

await check('the output explains the failure that the page sees only as status 502', async () => {
  const { printed } = await demo.ended;
  assert.match(printed, /"status":502,.*"detail":"unauthorized: .*"correlationId":"[0-9a-f-]{36}"/);
});

report();

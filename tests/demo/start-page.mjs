// Tests the page before anyone signs in.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';

export async function checkStartPage({
  address,
  endpoint,
  page,
  readRequests,
  snapshot,
  readState,
}) {
  const policy = (await page.goto(address)).headers()['content-security-policy'];
  await page.waitForSelector('label.person');

  await check('the page starts signed out, with the first person selected', async () => {
    assert.equal(await readState(), 'notLoggedIn');
    assert.equal(await page.locator('[data-action="sign-in"]').count(), 1, 'sign-in buttons');
    assert.equal(await page.locator('input[type=radio]').first().isChecked(), true);
    assert.deepEqual(await readRequests(), []);
    await snapshot('start-light');
  });

  await check(
    'the policy allows WebAssembly and calls to the service, but no inline script',
    () => {
      assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
      assert.match(policy, new RegExp(`connect-src 'self' ${endpoint};`));
      assert.doesNotMatch(policy, /unsafe-inline/);
      assert.match(policy, /frame-ancestors 'none'/);
    },
  );

  await check('only the demo itself may frame the second tab', async () => {
    const framedPolicy = (await fetch(`${address}tab`)).headers.get('content-security-policy');
    const expected = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    assert.equal(framedPolicy, expected);
  });
}

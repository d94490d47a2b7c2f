// Tests signing out and in again, also with the keyboard, as a banned person, and after the session
// was revoked elsewhere.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';
import { SIGN_IN_REQUESTS } from './world.mjs';

export async function checkSignOut(world) {
  const {
    endpoint,
    page,
    context,
    user,
    readRequests,
    readTokens,
    isValid,
    readSeenStates,
    readState,
  } = world;

  /** Revokes the page's access token at the service, as another program could do. */
  const revokeElsewhere = async () => {
    const token = (await readTokens('accessToken')).at(-1);
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${endpoint}/api/v4/sessions`, { method: 'DELETE', headers });
    assert.equal(await isValid(token), false);
  };
  const readFocusOutline = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      return getComputedStyle(activeElement.closest('label') ?? activeElement).outlineStyle;
    });

  await check('a sign-out revokes the token and removes the cookie', async () => {
    const [token] = await readTokens('accessToken');
    assert.equal(await isValid(token), true);
    await user.press('sign-out');
    await user.waitForState('notLoggedIn');
    await user.waitForStatus('has revoked the token');
    assert.equal(await isValid(token), false);
    assert.deepEqual(await context.cookies(), []);
  });

  await check('a banned person cannot sign in', async () => {
    await user.choose('rowan');
    await user.press('sign-in');
    await page.waitForSelector('#error[data-kind="banned"]:not([hidden])');
    assert.deepEqual((await readSeenStates()).slice(-2), ['establishing', 'notLoggedIn']);
  });

  await check('a user can sign in with the keyboard alone, and the focus is visible', async () => {
    await world.reload();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.value), 'ines');
    await page.keyboard.press('ArrowDown');
    assert.equal(await readFocusOutline(), 'solid');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'sign-in');
    await page.keyboard.press('Enter');
    await user.waitForState('established');
    await user.waitForStatus('Signed in as Tomasz Lind');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#details:not([hidden])');
    assert.equal(await readFocusOutline(), 'solid');
  });

  await check(
    'a call with a revoked token renews the session once and repeats the request',
    async () => {
      await revokeElsewhere();
      const before = (await readRequests()).length;
      await user.press('call');
      await user.waitForStatus('accepts the token');
      const requests = (await readRequests()).slice(before);
      const posts = requests.filter((request) => request.startsWith('POST'));
      assert.deepEqual(posts, SIGN_IN_REQUESTS);
      assert.equal(await readState(), 'established');
    },
  );

  await check('a sign-out succeeds if the token was revoked elsewhere', async () => {
    await revokeElsewhere();
    await user.press('sign-out');
    await user.waitForState('notLoggedIn');
    await user.waitForStatus('Signed out');
  });

  await check('the device id survives a reload', async () => {
    const readDeviceId = async () => {
      const stored = await page.evaluate(() => JSON.stringify(localStorage));
      return /web-[0-9a-f-]{36}|deviceId[^,}]+/.exec(stored)?.[0];
    };
    const before = await readDeviceId();
    assert.ok(before, 'the device id is missing');
    await world.reload();
    assert.equal(await readState(), 'notLoggedIn');
    assert.equal(await readDeviceId(), before);
  });
}

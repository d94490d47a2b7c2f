// Tests two tabs side by side while months pass, the network fails, a response is lost and the user
// is banned. The checks count the requests that the service received, and compare the sessions of
// both tabs.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';

const SESSION_REQUEST = 'POST /api/v5/sessions';
const ONE_SESSION_TIMEOUT_MS = 15_000;

/** Runs the checks. The user is signed out before the first check and after the last. */
export async function checkTabs({ page, context, user, readRequests, readTokens, snapshot }) {
  const { press, waitForState, choose, measureOverflow } = user;
  const second = page.frameLocator('#second-tab');
  const panels = [page.locator('#panel'), second.locator('#panel')];
  const countSessionRequests = async () =>
    (await readRequests()).filter((request) => request === SESSION_REQUEST).length;
  let expectedRequests = await countSessionRequests();
  /**
   * Checks that the service received `count` session requests since the previous call. Compares the
   * total, so that a request that arrived after the previous call is not missed.
   */
  const expectNewRequests = async (count) => {
    expectedRequests += count;
    assert.equal(await countSessionRequests(), expectedRequests, 'session requests so far');
  };
  /** Returns the short session id that a panel shows. */
  const readSessionId = async (panel) => /session (\w+)/.exec(await panel.innerText())?.[1];
  const waitForBothStates = (state) =>
    Promise.all(panels.map((panel) => panel.locator('.chip', { hasText: state }).waitFor()));
  const waitForEntry = (text) => page.locator('#log li', { hasText: text }).first().waitFor();
  const readPressed = (action) => page.getAttribute(`[data-action="${action}"]`, 'aria-pressed');
  /** Presses a button that advances the clock, and waits until the log has a new entry about it. */
  const advance = async (name) => {
    const before = await page.$$eval('#log li', (items) => items.map((item) => item.dataset.id));
    await press(`advance-${name}`);
    await page.waitForFunction(
      (known) =>
        [...document.querySelectorAll('#log li')].some(
          (item) => /passed/.test(item.textContent) && !known.includes(item.dataset.id),
        ),
      before,
    );
  };

  /** Waits until the timeline has the given number of marks of each kind. */
  const waitForMarks = (marks) =>
    page.waitForFunction(
      (wanted) =>
        wanted.every(
          ([name, count]) => document.querySelectorAll(`.track .mark.${name}`).length === count,
        ),
      Object.entries(marks),
    );

  /** Waits until both tabs show the same session, other than `old`. Returns its short id. */
  const waitForOneSession = async (old) => {
    const deadline = Date.now() + ONE_SESSION_TIMEOUT_MS;
    for (;;) {
      const ids = await Promise.all(panels.map(readSessionId));
      if (ids[0] && ids[0] === ids[1] && ids[0] !== old) return ids[0];
      if (Date.now() > deadline)
        assert.fail(`the tabs show the sessions ${ids.join(' and ')}; the old one is ${old}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let sessionId;

  await check('a login in one tab signs both tabs in with one session', async () => {
    await second.locator('#panel h3').waitFor();
    await choose('ines');
    await press('sign-in');
    await waitForState('established');
    await waitForBothStates('established');
    sessionId = await waitForOneSession();
    await expectNewRequests(1);
    assert.deepEqual(await Promise.all(panels.map((panel) => panel.locator('h3').innerText())), [
      'Tab 1, this page',
      'Tab 2',
    ]);
  });

  await check('no renewal is due after an hour and a day', async () => {
    await advance('hour');
    await advance('day');
    assert.deepEqual(await Promise.all(panels.map(readSessionId)), [sessionId, sessionId]);
    await expectNewRequests(0);
    assert.match(await panels[0].innerText(), /28 d /);
    assert.match(await panels[1].innerText(), /28 d /);
  });

  await check('a renewal in the second tab renews the session of both tabs', async () => {
    await second.locator('[data-action="renew"]').click();
    sessionId = await waitForOneSession(sessionId);
    await expectNewRequests(1);
  });

  await check(
    'after 29 days, one tab renews once, and the other uses the new session',
    async () => {
      await advance('29-days');
      sessionId = await waitForOneSession(sessionId);
      await waitForEntry('uses the session of another tab');
      await expectNewRequests(1);
      await waitForBothStates('established');
      await snapshot('tabs-light');
    },
  );

  await check('the timeline and the list show which tab renewed', async () => {
    const texts = (selector) =>
      page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
    assert.deepEqual(await texts('.lane strong'), ['Tab 1', 'Tab 2', 'social.plus']);
    assert.deepEqual(await texts('.advance'), ['1 hour', '1 day', '29 days']);
    assert.deepEqual(
      [...new Set(await texts('.segment'))],
      ['notLoggedIn', 'establishing', 'established'],
    );
    await waitForMarks({
      'renewed-here': 2,
      'renewed-elsewhere': 2,
      created: 3,
      failed: 0,
      lost: 0,
    });
    const list = await page.innerText('#log');
    assert.match(list, /Tab [12]: renewed the session for all tabs/);
    assert.match(list, /29 days passed/);
    // The newest entry comes first.
    assert.ok(list.indexOf('renewed the session') < list.indexOf('29 days passed'));
  });

  await check('neither tab shows a token', async () => {
    const shown = (await page.content()) + (await second.locator('html').innerHTML());
    const all = [...(await readTokens('accessToken')), ...(await readTokens('authToken'))];
    assert.ok(all.length > 2, 'the page received too few tokens');
    assert.ok(shown.includes(sessionId), 'the page does not show the session');
    for (const token of all) assert.ok(!shown.includes(token), 'a tab contains a token');
  });

  await check(
    'offline tabs keep the session until it expires, and one tab renews it when online',
    async () => {
      await press('network');
      assert.equal(await readPressed('network'), 'true');
      await advance('29-days');
      await waitForEntry('renewal failed: network');
      await waitForBothStates('established');
      await advance('day');
      await advance('day');
      await waitForBothStates('tokenExpired');
      await waitForState('tokenExpired');
      await expectNewRequests(0);
      await page.emulateMedia({ colorScheme: 'dark' });
      await snapshot('tabs-offline-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await press('network');
      await waitForBothStates('established');
      sessionId = await waitForOneSession(sessionId);
      await expectNewRequests(1);
      assert.equal(await readPressed('network'), 'false');
    },
  );

  await check('a lost response costs one more request, and both tabs get one session', async () => {
    await press('response');
    await waitForEntry('The response to the next session request will be lost');
    await advance('29-days');
    await waitForEntry('the response was lost');
    sessionId = await waitForOneSession(sessionId);
    await expectNewRequests(2);
    await page.waitForSelector('[data-action="response"][aria-pressed="false"]');
    await page.locator('.track .mark.lost').first().waitFor();
    await press('call');
    await user.waitForStatus('accepts the token');
  });

  await check('a third tab in its own window uses the session without a request', async () => {
    const before = (await readRequests()).length;
    const [third] = await Promise.all([context.waitForEvent('page'), page.click('.tabs a')]);
    third.setDefaultTimeout(15_000);
    await third.locator('.chip', { hasText: 'established' }).waitFor();
    await third.locator('#panel', { hasText: `session ${sessionId}` }).waitFor();
    assert.equal(await third.locator('h3').innerText(), 'Tab 3');
    assert.equal((await readRequests()).length, before);
    await page.locator('.lane strong', { hasText: 'Tab 3' }).waitFor();
    await third.close();
    await waitForEntry('Tab 3: closed');
  });

  await check('a reload keeps the session', async () => {
    await page.reload();
    await waitForState('established');
    assert.equal(await waitForOneSession(), sessionId);
    await expectNewRequests(0);
    assert.match(await page.innerText('.session'), /Ines Okafor/);
  });

  await check('advancing the clock keeps the selected person', async () => {
    await choose('tomasz');
    await advance('hour');
    assert.equal(await page.isChecked('input[value="tomasz"]'), true);
    await choose('ines');
  });

  await check('a ban terminates the session in both tabs at the next renewal', async () => {
    await press('ban');
    await waitForEntry('The service has banned Ines');
    await advance('29-days');
    await waitForBothStates('terminated');
    await waitForState('terminated');
    assert.match(await page.innerText('.session'), /Ines Okafor[^]*globalBan/);
    await expectNewRequests(1);
    await snapshot('tabs-banned-light');
  });

  await check('a user can sign in again after the ban is lifted', async () => {
    await press('sign-out');
    await waitForBothStates('notLoggedIn');
    assert.equal(await readPressed('ban'), 'true');
    await press('ban');
    await waitForEntry('The service has lifted the ban on Ines');
    await press('sign-in');
    await waitForState('established');
    await waitForBothStates('established');
    await waitForOneSession(sessionId);
    await expectNewRequests(1);
  });

  await check('nothing overflows at a width of 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await page.waitForFunction(
      () => document.querySelector('#second-tab').contentDocument.documentElement.clientWidth < 360,
    );
    assert.equal(await measureOverflow(), 0);
    assert.equal(
      await second
        .locator('html')
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      0,
    );
    await snapshot('tabs-narrow-light');
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await check('a logout in one tab signs both tabs out', async () => {
    await press('sign-out');
    await waitForBothStates('notLoggedIn');
    await expectNewRequests(0);
  });
}

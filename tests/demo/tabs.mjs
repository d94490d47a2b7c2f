// Two tabs side by side through what can happen to a device: months, no network, a lost answer, a ban. What counts is what the service saw,
// and that both tabs hold the same session afterwards.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';

const SESSION = 'POST /api/v5/sessions';

/** `recorded` is what the service saw, as methods and paths; `tokens` are those that came. Begins and ends signed out. */
export async function checkTabs({ page, context, hands, recorded, tokens, snapshot }) {
  const { press, state, choose, overflow } = hands;
  const second = page.frameLocator('#second-tab');
  const panels = [page.locator('#panel'), second.locator('#panel')];
  const sessionsMade = async () => (await recorded()).filter((request) => request === SESSION).length;
  const markIn = async (panel) => /session (\w+)/.exec(await panel.innerText())?.[1];
  const bothAre = (name) => Promise.all(panels.map((panel) => panel.locator('.chip', { hasText: name }).waitFor()));
  const told = (text) => page.locator('#story li', { hasText: text }).first().waitFor();
  const pressed = (action) => page.getAttribute(`[data-action="${action}"]`, 'aria-pressed');
  const countOf = (text) => page.locator('#story li', { hasText: text }).count();
  const turn = async (name) => {
    const title = await page.innerText(`[data-action="turn-${name}"]`);
    const before = await countOf(`${title} went by`);
    await press(`turn-${name}`);
    await page.waitForFunction(
      ([text, count]) => [...document.querySelectorAll('#story li')].filter((item) => item.textContent.includes(text)).length > count,
      [`${title} went by`, before],
    );
  };

  /** Waits until both tabs hold one session that is another than `old`. */
  const agreed = async (old) => {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const marks = await Promise.all(panels.map(markIn));
      if (marks[0] && marks[0] === marks[1] && marks[0] !== old) return marks[0];
      if (Date.now() > deadline) assert.fail(`The tabs hold ${marks.join(' and ')}; before: ${old}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let mark;

  await check('a login in one tab is the other’s too, by one session', async () => {
    await second.locator('#panel h3').waitFor();
    const before = await sessionsMade();
    await choose('ines');
    await press('sign-in');
    await state('established');
    await bothAre('established');
    mark = await agreed();
    assert.equal(await sessionsMade(), before + 1);
    assert.deepEqual(await Promise.all(panels.map((panel) => panel.locator('h3').innerText())), ['Tab 1, this page', 'Tab 2']);
  });

  await check('an hour and a day later nothing is due', async () => {
    const before = await sessionsMade();
    await turn('hour');
    await turn('day');
    assert.deepEqual(await Promise.all(panels.map(markIn)), [mark, mark]);
    assert.equal(await sessionsMade(), before);
    assert.match(await panels[0].innerText(), /28 d /);
    assert.match(await panels[1].innerText(), /28 d /);
  });

  await check('29 days later one tab renews, once, and both go on with it', async () => {
    const before = await sessionsMade();
    await turn('29-days');
    mark = await agreed(mark);
    await told('took over what another tab renewed');
    assert.equal(await sessionsMade(), before + 1);
    await bothAre('established');
    await snapshot('tabs-light');
  });

  await check('the timeline shows who renewed and who took over, and the list says the same', async () => {
    assert.deepEqual(await page.$$eval('.lane strong', (names) => names.map((name) => name.textContent)), ['Tab 1', 'Tab 2', 'social.plus']);
    assert.deepEqual(await page.$$eval('.turn', (turns) => turns.map((turn) => turn.textContent)).then((all) => all.slice(-3)), ['1 hour', '1 day', '29 days']);
    assert.equal(await page.locator('.track .mark.asked').count(), 1);
    assert.equal(await page.locator('.track .mark.took-over').count(), 1);
    const list = await page.innerText('#story');
    assert.match(list, /Tab [12]: renewed the session, for all tabs/);
    assert.match(list, /29 days went by/);
    // The newest stands first.
    assert.ok(list.indexOf('renewed the session') < list.indexOf('29 days went by'));
  });

  await check('no token is shown in either tab', async () => {
    const shown = (await page.content()) + (await second.locator('html').innerHTML());
    const all = [...(await tokens('accessToken')), ...(await tokens('authToken'))];
    assert.ok(all.length > 2 && shown.includes(mark));
    for (const token of all) assert.ok(!shown.includes(token));
  });

  await check('Renew in the second tab renews for the first as well', async () => {
    const before = await sessionsMade();
    await second.locator('[data-action="renew"]').click();
    mark = await agreed(mark);
    assert.equal(await sessionsMade(), before + 1);
  });

  await check('without a network nobody is signed out, and one renewal follows when it is back', async () => {
    const before = await sessionsMade();
    await press('network');
    assert.equal(await pressed('network'), 'true');
    await turn('29-days');
    await told('could not renew: network');
    await bothAre('established');
    await turn('day');
    await turn('day');
    await bothAre('tokenExpired');
    await state('tokenExpired');
    assert.equal(await sessionsMade(), before);
    await page.emulateMedia({ colorScheme: 'dark' });
    await snapshot('tabs-offline-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await press('network');
    await bothAre('established');
    mark = await agreed(mark);
    assert.equal(await sessionsMade(), before + 1);
    assert.equal(await pressed('network'), 'false');
  });

  await check('a lost answer costs one request more, and both tabs agree', async () => {
    const before = await sessionsMade();
    await press('answer');
    await told('The next session’s answer will get lost');
    await turn('29-days');
    await told('its answer got lost');
    mark = await agreed(mark);
    assert.equal(await sessionsMade(), before + 2);
    await page.waitForSelector('[data-action="answer"][aria-pressed="false"]');
    await page.locator('.track .mark.lost').first().waitFor();
    await press('call');
    await hands.said('honours the token');
  });

  await check('a third tab in a window of its own finds the session there', async () => {
    const before = (await recorded()).length;
    const [third] = await Promise.all([context.waitForEvent('page'), page.click('.tabs a')]);
    third.setDefaultTimeout(15_000);
    await third.locator('.chip', { hasText: 'established' }).waitFor();
    await third.locator('#panel', { hasText: `session ${mark}` }).waitFor();
    assert.equal(await third.locator('h3').innerText(), 'Tab 3');
    assert.equal((await recorded()).length, before);
    await page.locator('.lane strong', { hasText: 'Tab 3' }).waitFor();
    await third.close();
    await told('Tab 3: closed');
  });

  await check('a reload goes on with the session, without a new one', async () => {
    const before = await sessionsMade();
    await page.reload();
    await state('established');
    assert.equal(await agreed(), mark);
    assert.equal(await sessionsMade(), before);
    assert.match(await page.innerText('.session'), /Ines Okafor/);
  });

  await check('a ban ends the session in both tabs at the next renewal', async () => {
    await press('ban');
    await told('The service bans Ines');
    await turn('29-days');
    await bothAre('terminated');
    await state('terminated');
    assert.match(await page.innerText('.session'), /globalBan/);
    await snapshot('tabs-banned-light');
  });

  await check('only signing out leads on, and a ban can be lifted', async () => {
    await press('sign-out');
    await bothAre('notLoggedIn');
    assert.equal(await pressed('ban'), 'true');
    await press('ban');
    await told('The service lifts the ban of Ines');
    await press('sign-in');
    await state('established');
    await bothAre('established');
    await agreed(mark);
  });

  await check('all of it fits at 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await page.waitForFunction(() => document.querySelector('#second-tab').contentDocument.documentElement.clientWidth < 360);
    assert.equal(await overflow(), 0);
    assert.equal(await second.locator('html').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);
    await snapshot('tabs-narrow-light');
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await check('a logout is everybody’s', async () => {
    await press('sign-out');
    await bothAre('notLoggedIn');
  });
}

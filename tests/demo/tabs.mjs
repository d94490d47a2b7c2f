// Two tabs side by side through what can happen to a device: months, no network, a lost answer, a
// ban. What counts is what the service saw, and that both tabs hold the same session afterwards.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';

const SESSION = 'POST /api/v5/sessions';

/**
 * `recorded` is what the service saw, as methods and paths; `tokens` are those that came. Begins
 * and ends signed out.
 */
export async function checkTabs({ page, context, hands, recorded, tokens, snapshot }) {
  const { press, state, choose, overflow } = hands;
  const second = page.frameLocator('#second-tab');
  const panels = [page.locator('#panel'), second.locator('#panel')];
  const sessionsMade = async () =>
    (await recorded()).filter((request) => request === SESSION).length;
  let expected = await sessionsMade();
  /** Counted on from check to check, so that one that comes late is noticed by the next. */
  const made = async (more) =>
    assert.equal(await sessionsMade(), (expected += more), 'sessions made');
  const markIn = async (panel) => /session (\w+)/.exec(await panel.innerText())?.[1];
  const bothAre = (name) =>
    Promise.all(panels.map((panel) => panel.locator('.chip', { hasText: name }).waitFor()));
  const told = (text) => page.locator('#story li', { hasText: text }).first().waitFor();
  const pressed = (action) => page.getAttribute(`[data-action="${action}"]`, 'aria-pressed');
  const turn = async (name) => {
    const before = await page.$$eval('#story li', (items) => items.map((item) => item.dataset.id));
    await press(`turn-${name}`);
    await page.waitForFunction(
      (known) =>
        [...document.querySelectorAll('#story li')].some(
          (item) => /went by/.test(item.textContent) && !known.includes(item.dataset.id),
        ),
      before,
    );
  };

  /** Waits until so many marks of each kind stand on the timeline. */
  const drawn = (marks) =>
    page.waitForFunction(
      (wanted) =>
        wanted.every(
          ([name, count]) => document.querySelectorAll(`.track .mark.${name}`).length === count,
        ),
      Object.entries(marks),
    );

  /** Waits until both tabs hold one session that is another than `old`. */
  const agreed = async (old) => {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const marks = await Promise.all(panels.map(markIn));
      if (marks[0] && marks[0] === marks[1] && marks[0] !== old) return marks[0];
      if (Date.now() > deadline)
        assert.fail(`The tabs hold ${marks.join(' and ')}; before: ${old}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let mark;

  await check('a login in one tab is the other’s too, by one session', async () => {
    await second.locator('#panel h3').waitFor();
    await choose('ines');
    await press('sign-in');
    await state('established');
    await bothAre('established');
    mark = await agreed();
    await made(1);
    assert.deepEqual(await Promise.all(panels.map((panel) => panel.locator('h3').innerText())), [
      'Tab 1, this page',
      'Tab 2',
    ]);
  });

  await check('an hour and a day later nothing is due', async () => {
    await turn('hour');
    await turn('day');
    assert.deepEqual(await Promise.all(panels.map(markIn)), [mark, mark]);
    await made(0);
    assert.match(await panels[0].innerText(), /28 d /);
    assert.match(await panels[1].innerText(), /28 d /);
  });

  await check('Renew in the second tab renews for the first as well', async () => {
    await second.locator('[data-action="renew"]').click();
    mark = await agreed(mark);
    await made(1);
  });

  await check('29 days later one tab renews, once, and both go on with it', async () => {
    await turn('29-days');
    mark = await agreed(mark);
    await told('took over what another tab renewed');
    await made(1);
    await bothAre('established');
    await snapshot('tabs-light');
  });

  await check(
    'the timeline shows who renewed and who took over, and the list says the same',
    async () => {
      const texts = (selector) =>
        page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
      assert.deepEqual(await texts('.lane strong'), ['Tab 1', 'Tab 2', 'social.plus']);
      assert.deepEqual(await texts('.turn'), ['1 hour', '1 day', '29 days']);
      assert.deepEqual(
        [...new Set(await texts('.segment'))],
        ['notLoggedIn', 'establishing', 'established'],
      );
      await drawn({ asked: 2, 'took-over': 2, made: 3, failed: 0, lost: 0 });
      const list = await page.innerText('#story');
      assert.match(list, /Tab [12]: renewed the session, for all tabs/);
      assert.match(list, /29 days went by/);
      // The newest stands first.
      assert.ok(list.indexOf('renewed the session') < list.indexOf('29 days went by'));
    },
  );

  await check('no token is shown in either tab', async () => {
    const shown = (await page.content()) + (await second.locator('html').innerHTML());
    const all = [...(await tokens('accessToken')), ...(await tokens('authToken'))];
    assert.ok(all.length > 2 && shown.includes(mark));
    for (const token of all) assert.ok(!shown.includes(token));
  });

  await check(
    'without a network nobody is signed out, and one renewal follows when it is back',
    async () => {
      await press('network');
      assert.equal(await pressed('network'), 'true');
      await turn('29-days');
      await told('could not renew: network');
      await bothAre('established');
      await turn('day');
      await turn('day');
      await bothAre('tokenExpired');
      await state('tokenExpired');
      await made(0);
      await page.emulateMedia({ colorScheme: 'dark' });
      await snapshot('tabs-offline-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await press('network');
      await bothAre('established');
      mark = await agreed(mark);
      await made(1);
      assert.equal(await pressed('network'), 'false');
    },
  );

  await check('a lost answer costs one request more, and both tabs agree', async () => {
    await press('answer');
    await told('The next session’s answer will get lost');
    await turn('29-days');
    await told('its answer got lost');
    mark = await agreed(mark);
    await made(2);
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
    await page.reload();
    await state('established');
    assert.equal(await agreed(), mark);
    await made(0);
    assert.match(await page.innerText('.session'), /Ines Okafor/);
  });

  await check('time that goes by changes no choice', async () => {
    await choose('tomasz');
    await turn('hour');
    assert.equal(await page.isChecked('input[value="tomasz"]'), true);
    await choose('ines');
  });

  await check('a ban ends the session in both tabs at the next renewal', async () => {
    await press('ban');
    await told('The service bans Ines');
    await turn('29-days');
    await bothAre('terminated');
    await state('terminated');
    assert.match(await page.innerText('.session'), /Ines Okafor[^]*globalBan/);
    await made(1);
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
    await made(1);
  });

  await check('all of it fits at 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await page.waitForFunction(
      () => document.querySelector('#second-tab').contentDocument.documentElement.clientWidth < 360,
    );
    assert.equal(await overflow(), 0);
    assert.equal(
      await second
        .locator('html')
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      0,
    );
    await snapshot('tabs-narrow-light');
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await check('a logout is everybody’s', async () => {
    await press('sign-out');
    await bothAre('notLoggedIn');
    await made(0);
  });
}

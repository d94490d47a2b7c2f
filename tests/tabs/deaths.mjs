// A tab that dies or freezes in the middle of a renewal: the others go on, by at most one further
// request.
import { equal, ok } from '../conformance/harness.mjs';
import { DAY, HOUR, LIFETIME, eventually, within } from './browser.mjs';

const opened = async (world, count = 8) => {
  const first = await world.open();
  equal(await first.call('login', 'ada'), 'ada', 'login');
  await world.open(count - 1);
  await world.all('resume');
  equal(await world.states(), Array(count).fill('established'), 'states');
};

/**
 * Turns until a renewal has come by itself and is held up. Returns the tab that has asked for it.
 */
const untilRenewal = async (world, held) => {
  const senders = [];
  world.context.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/v5/sessions'))
      senders.push(request.frame().page());
  });
  let arrived = false;
  held.arrived.then(() => (arrived = true));
  for (let gone = 0; !arrived && gone < LIFETIME * 0.92; gone += 12 * HOUR)
    await world.step(12 * HOUR);
  ok(arrived, 'the renewal');
  return world.tabs.find(({ page }) => page === senders[0]);
};

/**
 * So long as tabs may take to settle who of them renews: what one has written reaches the others in
 * the engine's own time.
 */
const SETTLED_MS = 400;

/** What every tab comes to, while all that they wait for is turned to its end. */
const patiently = async (world, name) => {
  let done = false;
  const asked = world.all(name).finally(() => (done = true));
  await eventually(async () => {
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, SETTLED_MS))]);
    if (!done) await world.step(2000);
    return done;
  }, `what comes of ${name}`);
  return asked;
};

/**
 * Every tab can go on, now and after a month. `further`: the most that may be asked for now,
 * besides what was lost.
 */
const goOn = async (world, further = 1) => {
  const { site } = world;
  // Whoever asks while a renewal fails gets the 401 itself; all hold still for a moment, and then
  // one of them renews.
  await eventually(
    async () => (await patiently(world, 'ask')).every((status) => status === 200),
    'the service to answer all',
  );
  ok(
    site.made() <= 2 + further,
    `${site.made()} session requests: the login, the one that was lost, and the further ones`,
  );
  await world.agree('afterwards');
  equal(
    await world.states(),
    world.tabs.map(() => 'established'),
    'states',
  );
  const before = site.made();
  await world.step(LIFETIME);
  await patiently(world, 'token');
  await world.agree('after a month');
  equal(
    [site.made() - before, new Set(await world.states()).size],
    [1, 1],
    'session requests of the next renewal, states',
  );
};

const closed = (afterHandling) => async (world) => {
  await opened(world);
  const held = world.site.hold({ afterHandling });
  await world.remove(await untilRenewal(world, held));
  equal(world.tabs.length, 7, 'tabs that are left');
  held.release();
  await goOn(world);
};

/**
 * The answer stays away, as if the tab had been frozen at that moment, and comes after all when
 * nobody waits for it any longer.
 */
const silent = async (world) => {
  await opened(world);
  const held = world.site.hold({ afterHandling: true });
  await untilRenewal(world, held);
  await goOn(world);
  const before = world.site.made();
  held.release();
  await world.step(1000);
  await world.agree('once it has come after all');
  equal(world.site.made(), before, 'session requests');
};

/** Frozen as a browser freezes a tab: nothing in it runs, its timers and answers wait. */
const frozen = async (world) => {
  await opened(world, 4);
  const { site, tabs } = world;
  const [sleeper] = tabs;
  const held = site.hold({ afterHandling: true });
  sleeper.call('renew').catch(() => {});
  await held.arrived;
  const devtools = await world.context.newCDPSession(sleeper.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  held.release();
  tabs.splice(0, 1);
  const start = site.made();
  site.service.clock.advance(LIFETIME + DAY);
  await world.all('sleep', LIFETIME + DAY);
  let done = false;
  const asked = world.all('token').finally(() => (done = true));
  await eventually(async () => {
    if (!done) {
      site.service.clock.advance(2000);
      await world.all('turn', 2000);
    }
    return done;
  }, 'the tokens');
  equal(new Set(await asked).size, 1, 'tokens');
  equal(await world.all('ask'), [200, 200, 200], 'what the service answers');
  ok(site.made() - start <= 1, `${site.made() - start} further session requests`);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  tabs.push(sleeper);
  await sleeper.call('sleep', LIFETIME + DAY);
  await world.agree('once it is awake again');
  ok(site.made() - start <= 1, `${site.made() - start} further session requests once it is awake`);
};

/** The lock is taken by a tab that never lets go of it. */
const lockHeld = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  const names = await tabs[0].page.evaluate(() =>
    Object.keys(localStorage).filter((key) => !key.endsWith(':session')),
  );
  equal(names.length, 1, 'what is kept of the device');
  await tabs[0].page.evaluate(
    (name) => void navigator.locks.request(name, () => new Promise(() => {})),
    names[0],
  );
  const holder = tabs[0];
  tabs.splice(0, 1);
  for (let month = 1; month <= 3; month += 1) {
    await world.step(LIFETIME);
    await patiently(world, 'token');
    await world.agree(`after ${month} months`);
  }
  ok(site.made() <= 4 + 3, `${site.made()} session requests in three months`);
  const query = () =>
    holder.page.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name));
  equal(await query(), names, 'the lock was not stolen');
  await tabs[0].call('logout');
  await eventually(
    async () => (await world.states()).every((state) => state === 'notLoggedIn'),
    'the logout of all',
  );
};

export default ({ test, browser }) => {
  const local = { storage: 'local' };
  test(
    'lesson 13: a tab that is closed in mid-renewal',
    within(browser, { options: local }, closed(true)),
  );
  test(
    'closed before the service has seen the request, memory',
    within(browser, { options: {} }, closed(false)),
  );
  test('closed in mid-renewal, memory', within(browser, { options: {} }, closed(true)));
  test(
    'closed in mid-renewal, without Web Locks',
    within(browser, { options: local, locks: false }, closed(true)),
  );
  test('an answer that stays away, memory', within(browser, { options: {} }, silent));
  test('an answer that stays away, local', within(browser, { options: local }, silent));
  test(
    'an answer that stays away, without Web Locks',
    within(browser, { options: local, locks: false }, silent),
  );
  test(
    'a tab that is frozen in mid-renewal',
    within(
      browser,
      { fakeClock: false, options: { ...local, turned: Date.now() }, service: { now: Date.now() } },
      frozen,
    ),
  );
  test(
    'lesson 2: a lock that is held for ever blocks nobody',
    within(browser, { options: local }, lockHeld),
  );
};

// What one tab does to the user, all tabs follow: a logout, another user, a ban.
import { equal, ok } from '../conformance/harness.mjs';
import { LIFETIME, eventually, within } from './browser.mjs';

const opened = async (world, count = 8) => {
  const first = await world.open();
  equal(await first.call('login', 'ada'), 'ada', 'login');
  await world.open(count - 1);
  equal(
    await world.all('resume'),
    Array(count - 1)
      .fill('established')
      .concat('established'),
    'resume',
  );
};
const all = (world, state, what) =>
  eventually(async () => (await world.states()).every((one) => one === state), what);

const logout = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  equal(await tabs[5].call('logout'), 'revoked true', 'logout');
  await all(world, 'notLoggedIn', 'the logout of all');
  equal(await world.all('token'), Array(8).fill('error: notLoggedIn'), 'tokens');
  equal(
    site.service.sessions().some(({ valid }) => valid),
    false,
    'the token has ended',
  );
  const reloaded = await world.reload(tabs[0]);
  equal(await reloaded.call('resume'), 'notLoggedIn', 'after a reload');
  await world.step(LIFETIME);
  equal([site.made(), new Set(await world.states()).size], [1, 1], 'a month later');
};

const logoutInFlight = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  const held = site.hold({ afterHandling: true });
  const renewing = tabs[1].call('renew');
  await held.arrived;
  await tabs[6].call('logout');
  held.release();
  ok((await renewing).startsWith('error'), 'the renewal');
  await all(world, 'notLoggedIn', 'the logout of all');
  await eventually(async () => {
    await world.step(60_000);
    return !site.service.sessions().some(({ valid }) => valid);
  }, 'the end of the token that came late');
  equal(await world.all('resume'), Array(8).fill('notLoggedIn'), 'nobody comes back');
};

const anotherUser = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  equal(await tabs[3].call('login', 'grace'), 'grace', 'login');
  await eventually(
    async () =>
      (await world.all('look')).every(
        ({ userId, state }) => userId === 'grace' && state === 'established',
      ),
    'all',
  );
  await world.agree('as another user');
  equal(site.made(), 2, 'session requests');
  equal(
    site.service
      .sessions()
      .filter(({ valid }) => valid)
      .map(({ userId }) => userId),
    ['grace'],
    'who has a session',
  );
  await world.step(LIFETIME);
  await world.agree('after a renewal');
  equal(
    [site.made(), (await world.all('look')).every(({ userId }) => userId === 'grace')],
    [3, true],
    'requests, users',
  );
};

/** Two tabs sign two users in at once: one of them wins, in every tab. */
const contest = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  const outcomes = await Promise.all([
    tabs[0].call('login', 'grace'),
    tabs[7].call('login', 'joan'),
  ]);
  const won = outcomes.filter((outcome) => !outcome.startsWith('error'));
  ok(
    won.length >= 1 &&
      outcomes.every((outcome) => ['grace', 'joan', 'error: superseded'].includes(outcome)),
    `outcomes: ${outcomes}`,
  );
  const users = async () =>
    new Set((await world.all('look')).map(({ userId, state }) => `${userId} ${state}`));
  await eventually(async () => (await users()).size === 1, 'one user in all');
  await world.agree('afterwards');
  const [{ userId }] = await world.all('look');
  ok(won.includes(userId), `${userId} won, and ${won} were told so`);
  equal(
    site.service
      .sessions()
      .filter(({ valid }) => valid)
      .map((session) => session.userId),
    [userId],
    'who has a session',
  );
};

const banned = async (world) => {
  await opened(world);
  const { site, tabs } = world;
  site.service.banUser('ada');
  ok((await tabs[4].call('renew')).startsWith('error'), 'the renewal');
  await eventually(
    async () =>
      (await world.all('token'), await world.states()).every((state) => state === 'terminated'),
    'the end in all',
  );
  await tabs[2].call('logout');
  await all(world, 'notLoggedIn', 'the logout of all');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `a logout in one tab signs out all, ${storage}`,
      within(browser, { options: { storage } }, logout),
    );
    test(
      `another user in one tab is another user in all, ${storage}`,
      within(browser, { options: { storage } }, anotherUser),
    );
  }
  test(
    'a logout beats a renewal in flight in another tab',
    within(browser, { options: { storage: 'local' } }, logoutInFlight),
  );
  test(
    'two tabs sign two users in at once',
    within(browser, { options: { storage: 'local' } }, contest),
  );
  test(
    'a ban that one tab finds out is the end in all',
    within(browser, { options: { storage: 'local' } }, banned),
  );
};

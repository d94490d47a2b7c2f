// Checks that a logout, a login of another user or a ban in one tab takes effect in all tabs.
import { equal, ok } from '../conformance/harness.mjs';
import {
  TOKEN_LIFETIME_MS,
  waitUntil,
  expectSignedInUsers,
  openSignedIn,
  waitForState,
  withWorld,
} from './browser.mjs';

const MINUTE_MS = 60_000;

const logOut = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  equal(await tabs.at(-1).call('logout'), 'revoked true', 'outcome of the logout');
  await waitForState(world, 'notLoggedIn');
  const errors = tabs.map(() => 'error: notLoggedIn');
  equal(await world.callAll('token'), errors, 'outcomes of accessToken');
  expectSignedInUsers(site, []);
  const reloaded = await world.reload(tabs[0]);
  equal(await reloaded.call('resume'), 'notLoggedIn', 'outcome of resume after a reload');
  await world.advance(TOKEN_LIFETIME_MS);
  equal(site.countSessionRequests(), 1, 'session requests after a month');
  await world.expectStates('notLoggedIn', 'states after a month');
};

const logOutDuringRenewal = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  const held = site.holdRequest({ afterHandling: true });
  const renewal = tabs[1].call('renew');
  await held.arrived;
  await tabs.at(-1).call('logout');
  held.release();
  const outcome = await renewal;
  ok(outcome.startsWith('error'), `the renewal succeeded: ${outcome}`);
  await waitForState(world, 'notLoggedIn');
  await waitUntil(async () => {
    await world.advance(MINUTE_MS);
    return !site.service.sessions().some(({ valid }) => valid);
  }, 'the revocation of the late token');
  equal(
    await world.callAll('resume'),
    tabs.map(() => 'notLoggedIn'),
    'outcomes of resume',
  );
};

const isGrace = ({ userId, state }) => userId === 'grace' && state === 'established';

const logInAnotherUser = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  equal(await tabs[3].call('login', 'grace'), 'grace', 'user of the login');
  await waitUntil(
    async () => (await world.callAll('snapshot')).every(isGrace),
    'the user grace in all tabs',
  );
  await world.expectOneToken('after the login of grace');
  equal(site.countSessionRequests(), 2, 'session requests');
  expectSignedInUsers(site, ['grace']);
  await world.advance(TOKEN_LIFETIME_MS);
  await world.expectOneToken('after a renewal');
  equal(site.countSessionRequests(), 3, 'session requests after a renewal');
  ok((await world.callAll('snapshot')).every(isGrace), 'a tab has another user after a renewal');
};

/** Signs in two users in two tabs concurrently. The same user must win in every tab. */
const logInTwoUsers = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  const outcomes = await Promise.all([
    tabs[0].call('login', 'grace'),
    tabs.at(-1).call('login', 'joan'),
  ]);
  for (const outcome of outcomes) {
    const isExpected = ['grace', 'joan', 'error: superseded'].includes(outcome);
    ok(isExpected, `unexpected outcome: ${outcome}`);
  }
  const winners = outcomes.filter((outcome) => !outcome.startsWith('error'));
  ok(winners.length >= 1, `no login succeeded: ${outcomes}`);
  await waitUntil(async () => {
    const snapshots = await world.callAll('snapshot');
    return new Set(snapshots.map(({ userId, state }) => `${userId} ${state}`)).size === 1;
  }, 'one user in all tabs');
  await world.expectOneToken('after both logins');
  const [{ userId }] = await world.callAll('snapshot');
  ok(winners.includes(userId), `${userId} is signed in, but the logins of ${winners} succeeded`);
  expectSignedInUsers(site, [userId]);
};

const banUser = async (world) => {
  await openSignedIn(world);
  const { site, tabs } = world;
  site.service.banUser('ada');
  const outcome = await tabs.at(-1).call('renew');
  ok(outcome.startsWith('error'), `the renewal succeeded: ${outcome}`);
  await waitUntil(async () => {
    await world.callAll('token');
    return (await world.states()).every((state) => state === 'terminated');
  }, 'the state terminated in all tabs');
  await tabs[2].call('logout');
  await waitForState(world, 'notLoggedIn');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `a logout in one tab signs out all tabs, ${storage}`,
      withWorld(browser, { options: { storage } }, logOut),
    );
    test(
      `a login of another user in one tab changes the user in all tabs, ${storage}`,
      withWorld(browser, { options: { storage } }, logInAnotherUser),
    );
  }
  test(
    'a logout beats a renewal in flight in another tab',
    withWorld(browser, { options: { storage: 'local' } }, logOutDuringRenewal),
  );
  test(
    'one user wins when two tabs sign in two users concurrently',
    withWorld(browser, { options: { storage: 'local' } }, logInTwoUsers),
  );
  test(
    'a ban that one tab notices terminates the session in all tabs',
    withWorld(browser, { options: { storage: 'local' } }, banUser),
  );
};

// Tests tabs of two versions of the package on one device, as after a deployment (rule 20). The
// later version is the installed package whose format version is raised.
import { equal } from '../conformance/harness.mjs';
import { DAY_MS, TOKEN_LIFETIME_MS, expectSignedInUsers, withWorld } from './browser.mjs';

/** Signs ada in, and then opens a tab of a later version. Returns both tabs. */
const deploy = async (world) => {
  const old = await world.open();
  equal(await old.call('login', 'ada'), 'ada', 'user of the login');
  const token = await old.call('token');
  world.site.isDeployed = true;
  const later = await world.open();
  equal(await later.call('resume'), 'established', 'outcome of resume in the later version');
  equal(await later.call('token'), token, 'token in the later version');
  await world.rest();
  return { old, later, token };
};

const useTokenToItsEnd = async (world) => {
  const { old, later, token } = await deploy(world);
  for (const call of ['renew', 'logout', 'secureLogout'])
    equal(await old.call(call), 'error: unsupported', `outcome of ${call} in the old tab`);
  equal(await old.call('login', 'grace'), 'error: unsupported', 'login of another user');
  equal(await old.call('login', 'ada'), 'ada', 'login of the signed-in user');
  equal(await old.call('token'), token, 'token of the old tab');
  equal(await old.call('fetchStatus'), 200, 'status of a request of the old tab');
  await world.advance(0.9 * TOKEN_LIFETIME_MS);
  equal(world.site.countSessionRequests(), 2, 'session requests when the session was due');
  equal((await old.call('snapshot')).state, 'established', 'state of the old tab');
  await world.advance(0.2 * TOKEN_LIFETIME_MS);
  equal(await old.call('token'), 'error: unsupported', 'token of the old tab after its end');
  equal((await old.call('snapshot')).state, 'tokenExpired', 'state of the old tab after the end');
  equal((await later.call('snapshot')).state, 'established', 'state of the later version');
  await world.reload(old);
  equal(await world.callAll('resume'), ['established', 'established'], 'outcomes after a reload');
  await world.expectOneToken('after a reload');
};

const rejectEarlierClient = async (world) => {
  const { old, later } = await deploy(world);
  world.site.isDeployed = false;
  const client = await world.open();
  equal(await client.call('resume'), 'error: unsupported', 'resume of a client of the old version');
  equal(await client.call('login', 'ada'), 'error: unsupported', 'login of that client');
  equal(await client.call('token'), 'error: notLoggedIn', 'token of that client');
  await later.call('renew');
  await world.rest();
  equal(await old.call('fetchStatus'), 'error: unsupported', 'request with the ended token');
  equal((await old.call('snapshot')).state, 'tokenExpired', 'state of the old tab');
};

const logOutInLaterVersion = async (world) => {
  const { old, later } = await deploy(world);
  equal(await later.call('logout'), 'revoked true', 'outcome of the logout');
  await world.rest();
  equal((await old.call('snapshot')).state, 'notLoggedIn', 'state of the old tab');
  equal(await old.call('token'), 'error: notLoggedIn', 'token of the old tab');
  expectSignedInUsers(world.site, []);
  equal(await later.call('login', 'grace'), 'grace', 'user of the next login');
  await world.rest();
  equal((await old.call('snapshot')).userId, undefined, 'user of the old tab');
  await world.advance(DAY_MS);
  expectSignedInUsers(world.site, ['grace']);
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `${storage}: after a deployment, an open tab uses its token to its end and then rejects`,
      withWorld(browser, { options: { storage } }, useTokenToItsEnd),
    );
  }
  test(
    'without locks, after a deployment, an open tab uses its token to its end and then rejects',
    withWorld(browser, { options: { storage: 'local' }, locks: false }, useTokenToItsEnd),
  );
  test(
    'after a deployment, a new client of the earlier version rejects, and so does a 401',
    withWorld(browser, { options: { storage: 'local' } }, rejectEarlierClient),
  );
  test(
    'a logout in a tab of a later version signs out the tabs of the earlier one',
    withWorld(browser, { options: { storage: 'local' } }, logOutInLaterVersion),
  );
};

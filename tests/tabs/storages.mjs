// Tests the storage options: what survives a reload, whether a token is readable in storage, and
// what happens when storage does not work.
import { equal } from '../conformance/harness.mjs';
import { TOKEN_LIFETIME_MS, expectAtMostRequests, openSignedIn, withWorld } from './browser.mjs';

/**
 * Reloads a tab before and after a renewal.
 *
 * @param isReadable - Whether the token must be readable in the storage of the origin.
 */
const reloadTab = (isReadable) => async (world) => {
  const tab = await world.open();
  equal(await tab.call('login', 'ada'), 'ada', 'user of the login');
  equal(await tab.call('isTokenInStorage'), isReadable, 'presence of the token in storage');
  const token = await tab.call('token');
  const reloaded = await world.reload(tab);
  equal(await reloaded.call('resume'), 'established', 'outcome of resume after a reload');
  equal((await reloaded.call('snapshot')).userId, 'ada', 'user after a reload');
  equal(await reloaded.call('token'), token, 'token after a reload');
  equal(await reloaded.call('fetchStatus'), 200, 'status of a request after a reload');
  equal(world.site.countSessionRequests(), 1, 'session requests');
  await world.advance(TOKEN_LIFETIME_MS);
  await world.expectOneToken('after a renewal');
  const isStillReadable = await world.tabs[0].call('isTokenInStorage');
  equal(isStillReadable, isReadable, 'presence of the renewed token in storage');
  const again = await world.reload(world.tabs[0]);
  equal(await again.call('resume'), 'established', 'outcome of resume after another reload');
  equal(world.site.countSessionRequests(), 2, 'session requests after another reload');
};

/** Returns whether each key in IndexedDB is extractable, and its algorithm. Runs in the page. */
const listKeys = async () => {
  const resultOf = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = reject;
    });
  const keys = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await resultOf(indexedDB.open(name));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName);
      for (const value of await resultOf(store.getAll())) {
        const candidates = value instanceof CryptoKey ? [value] : Object.values(value);
        keys.push(...candidates.filter((candidate) => candidate instanceof CryptoKey));
      }
    }
    database.close();
  }
  return keys.map(({ extractable, algorithm }) => ({ extractable, algorithm: algorithm.name }));
};

const checkKeys = async (world) => {
  const tab = await world.open();
  await tab.call('login', 'ada');
  const keys = await tab.page.evaluate(listKeys);
  equal(keys, [{ extractable: false, algorithm: 'AES-GCM' }], 'keys in IndexedDB');
};

const reloadOnlyTab = async (world) => {
  const tab = await world.open();
  await tab.call('login', 'ada');
  const deviceId = await tab.call('deviceId');
  equal(await tab.call('isTokenInStorage'), false, 'presence of the token in storage');
  const reloaded = await world.reload(tab);
  equal(await reloaded.call('resume'), 'notLoggedIn', 'outcome of resume after a reload');
  equal(await reloaded.call('deviceId'), deviceId, 'device id after a reload');
};

const reloadOneOfTwoTabs = async (world) => {
  const first = await world.open();
  await first.call('login', 'ada');
  equal(await (await world.open()).call('resume'), 'established', 'outcome of resume in tab 2');
  const token = await first.call('token');
  const reloaded = await world.reload(world.tabs[0]);
  equal(await reloaded.call('resume'), 'established', 'outcome of resume after a reload');
  equal(await reloaded.call('token'), token, 'token after a reload');
  equal(world.site.countSessionRequests(), 1, 'session requests');
};

const openTenTabs = async (world) => {
  await world.open(8);
  equal(await world.tabs[0].call('login', 'ada'), 'ada', 'user of the login');
  await world.callAll('resume');
  const before = world.site.service.requests.length;
  const ninth = await world.open();
  equal(await ninth.call('resume'), 'established', 'outcome of resume in tab 9');
  equal((await ninth.call('snapshot')).userId, 'ada', 'user in tab 9');
  equal(world.site.service.requests.length, before, 'requests to the service');
  const tenth = await world.open();
  equal(await tenth.call('login', 'ada'), 'ada', 'user of a login in tab 10');
  equal(world.site.countSessionRequests(), 1, 'session requests');
  await world.expectOneToken('in ten tabs');
};

/** Makes every access to storage throw. Runs in the page. */
const breakStorage = () => {
  const get = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
    Object.defineProperty(window, name, { get, configurable: true });
};

/** Makes every write to localStorage and sessionStorage throw. Runs in the page. */
const fillStorage = () => {
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
};

/**
 * Signs in, renews and signs out with storage that does not work. Each tab may then be its own
 * device. No tab may sign out another.
 */
const useBrokenStorage = async (world) => {
  await world.open(3);
  for (const tab of world.tabs) equal(await tab.call('login', 'ada'), 'ada', 'user of a login');
  equal(await world.callAll('fetchStatus'), [200, 200, 200], 'statuses of requests');
  for (let month = 1; month <= 3; month += 1) {
    await world.advance(TOKEN_LIFETIME_MS);
    const statuses = await world.callAll('fetchStatus');
    equal(statuses, [200, 200, 200], `statuses of requests after ${month} months`);
    await world.expectStates('established', `states after ${month} months`);
  }
  // Each of the three tabs may make one request for its login and three for its renewals.
  expectAtMostRequests(world.site.countSessionRequests(), 12, 'in three months');
  for (const tab of world.tabs)
    equal(await tab.call('logout'), 'revoked true', 'outcome of a logout');
  await world.expectStates('notLoggedIn', 'states after the logouts');
};

const clearStorage = async (world) => {
  await world.open(4);
  await world.tabs[0].call('login', 'ada');
  await world.callAll('resume');
  await world.tabs[1].page.evaluate(() => localStorage.clear());
  await world.expectOneToken('after the storage was cleared');
  await world.advance(TOKEN_LIFETIME_MS);
  await world.expectOneToken('after a renewal');
  await world.expectStates('established');
};

/** Deletes the keys of encrypted storage. Runs in the page. */
const deleteDatabases = async () => {
  localStorage.clear();
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = resolve;
      request.onerror = reject;
    });
  }
};

/** Opens a tab after the user has deleted the data of the site. */
const deleteData = async (world) => {
  await openSignedIn(world, 3);
  await world.tabs[1].page.evaluate(deleteDatabases);
  await world.open();
  await world.callAll('resume');
  // WebKit reports no event for a deletion, so the new tab hears of the session a little later.
  await world.rest();
  await world.expectStates('established', 'states after the data was deleted');
  await world.expectOneToken('after the data was deleted');
};

export default ({ test, browser }) => {
  const local = { storage: 'local' };
  const encrypted = { storage: 'encrypted' };
  test(
    'local: the session survives a reload',
    withWorld(browser, { options: local }, reloadTab(true)),
  );
  test(
    'encrypted: the session survives a reload, and storage holds no readable token',
    withWorld(browser, { options: encrypted }, reloadTab(false)),
  );
  test(
    'encrypted: the key is not extractable',
    withWorld(browser, { options: encrypted }, checkKeys),
  );
  test(
    'memory: a reload of the only tab loses the session and keeps the device id',
    withWorld(browser, {}, reloadOnlyTab),
  );
  test(
    'memory: a new or reloaded tab gets the session from another tab',
    withWorld(browser, {}, reloadOneOfTwoTabs),
  );
  test(
    'memory: a ninth tab resumes, and a tenth logs in, without a session request',
    withWorld(browser, {}, openTenTabs),
  );
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `${storage}: tabs stay signed in when every access to storage throws`,
      withWorld(browser, { options: { storage }, init: breakStorage }, useBrokenStorage),
    );
  }
  test(
    'local: tabs stay signed in when storage is full',
    withWorld(browser, { options: local, init: fillStorage }, useBrokenStorage),
  );
  test(
    'local: tabs stay signed in when storage is cleared',
    withWorld(browser, { options: local }, clearStorage),
  );
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `${storage}: a new tab takes over the session after the data of the site was deleted`,
      withWorld(browser, { options: { storage } }, deleteData),
    );
  }
};

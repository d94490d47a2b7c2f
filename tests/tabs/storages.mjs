// Where a browser keeps the session: what survives a reload, what lies there in clear, and what
// happens where nothing can be kept.
import { equal, ok } from '../conformance/harness.mjs';
import { LIFETIME, within } from './browser.mjs';

const kept = (clear) => async (world) => {
  const tab = await world.open();
  equal(await tab.call('login', 'ada'), 'ada', 'login');
  equal(await tab.call('isStoredInClear'), clear, 'the token lies in the storage in clear');
  const token = await tab.call('token');
  const reloaded = await world.reload(tab);
  equal(await reloaded.call('resume'), 'established', 'after a reload');
  equal(
    [(await reloaded.call('look')).userId, await reloaded.call('token')],
    ['ada', token],
    'user, token',
  );
  equal([await reloaded.call('ask'), world.site.made()], [200, 1], 'answer, session requests');
  await world.step(LIFETIME);
  await world.agree('after a renewal');
  equal(
    await world.tabs[0].call('isStoredInClear'),
    clear,
    'the renewed token lies in the storage in clear',
  );
  const again = await world.reload(world.tabs[0]);
  equal(
    [await again.call('resume'), world.site.made()],
    ['established', 2],
    'after another reload',
  );
};

/** The key of `encrypted` can be used and not be read. */
const key = async (world) => {
  const tab = await world.open();
  await tab.call('login', 'ada');
  const keys = await tab.page.evaluate(async () => {
    const done = (request) =>
      new Promise(
        (resolve, reject) => (
          (request.onsuccess = () => resolve(request.result)),
          (request.onerror = reject)
        ),
      );
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        for (const value of await done(database.transaction(store).objectStore(store).getAll())) {
          const inner =
            value instanceof CryptoKey
              ? [value]
              : Object.values(value).filter((one) => one instanceof CryptoKey);
          found.push(...inner.map(({ extractable, algorithm }) => [extractable, algorithm.name]));
        }
      }
      database.close();
    }
    return found;
  });
  equal(keys, [[false, 'AES-GCM']], 'keys');
};

const memory = async (world) => {
  const tab = await world.open();
  await tab.call('login', 'ada');
  const deviceId = await tab.call('deviceId');
  equal(await tab.call('isStoredInClear'), false, 'the token lies in the storage');
  const alone = await world.reload(tab);
  equal(await alone.call('resume'), 'notLoggedIn', 'the only tab, reloaded');
  equal(await alone.call('deviceId'), deviceId, 'it is the same device');
  await alone.call('login', 'ada');
  equal(await (await world.open()).call('resume'), 'established', 'another tab');
  const token = await alone.call('token');
  const reloaded = await world.reload(world.tabs[0]);
  equal(
    [await reloaded.call('resume'), await reloaded.call('token')],
    ['established', token],
    'one of two, reloaded',
  );
  equal(world.site.made(), 2, 'session requests');
};

const ninth = async (world) => {
  await world.open(8);
  equal(await world.tabs[0].call('login', 'ada'), 'ada', 'login');
  await world.all('resume');
  const before = world.site.service.requests.length;
  const tab = await world.open();
  equal(
    [await tab.call('resume'), (await tab.call('look')).userId],
    ['established', 'ada'],
    'state, user',
  );
  equal(world.site.service.requests.length, before, 'requests');
  const last = await world.open();
  equal(await last.call('login', 'ada'), 'ada', 'a tenth one that signs the same user in');
  equal(world.site.made(), 1, 'session requests');
  await world.agree('all ten');
};

const throwing = () => {
  const get = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
    Object.defineProperty(window, name, { get, configurable: true });
};
const full = () => {
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
};

/**
 * Without a place for what tabs share each of them may be a device of its own; none is signed out
 * by another.
 */
const without = async (world) => {
  await world.open(3);
  for (const tab of world.tabs) equal(await tab.call('login', 'ada'), 'ada', 'login');
  equal(await world.all('ask'), [200, 200, 200], 'what the service answers');
  for (let month = 1; month <= 3; month += 1) {
    await world.step(LIFETIME);
    equal(
      await world.all('ask'),
      [200, 200, 200],
      `what the service answers after ${month} months`,
    );
    equal(await world.states(), Array(3).fill('established'), 'states');
  }
  ok(world.site.made() <= 3 + 3 * 3, `${world.site.made()} session requests`);
  for (const tab of world.tabs) equal(await tab.call('logout'), 'revoked true', 'logout');
  equal(await world.states(), Array(3).fill('notLoggedIn'), 'states after the logout');
};

const cleared = async (world) => {
  await world.open(4);
  await world.tabs[0].call('login', 'ada');
  await world.all('resume');
  await world.tabs[1].page.evaluate(() => localStorage.clear());
  await world.agree('after the storage was cleared');
  await world.step(LIFETIME);
  await world.agree('after a renewal');
  equal(await world.states(), Array(4).fill('established'), 'states');
};

export default ({ test, browser }) => {
  test(
    'local: a reload keeps signed in',
    within(browser, { options: { storage: 'local' } }, kept(true)),
  );
  test(
    'encrypted: a reload keeps signed in, and no token lies in clear',
    within(browser, { options: { storage: 'encrypted' } }, kept(false)),
  );
  test(
    'encrypted: the key cannot be read',
    within(browser, { options: { storage: 'encrypted' } }, key),
  );
  test('memory: a reload keeps signed in if another tab is open', within(browser, {}, memory));
  test(
    'memory: a ninth tab gets the session from another one, without a request',
    within(browser, {}, ninth),
  );
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `${storage}, where every touch of storage throws`,
      within(browser, { options: { storage }, init: throwing }, without),
    );
  }
  test(
    'local, where storage is full',
    within(browser, { options: { storage: 'local' }, init: full }, without),
  );
  test(
    'local, where storage is cleared under the tabs',
    within(browser, { options: { storage: 'local' } }, cleared),
  );
};

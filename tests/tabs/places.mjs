// Signs in where some features are missing: in an insecure context, in a service worker, and in a
// page whose policy allows WebAssembly but no eval. tests/conformance/session-lessons.mjs defines
// the numbered lessons.
import { INSECURE_HOST } from '../browsers/puppeteer.mjs';
import { equal, ok } from '../conformance/harness.mjs';
import { TOKEN_LIFETIME_MS, withWorld } from './browser.mjs';
import { startWorker } from './service-worker.mjs';

const useInsecureContext = async (world) => {
  await world.open(4);
  const features = await world.tabs[0].page.evaluate(() => ({
    isSecureContext,
    locks: 'locks' in navigator,
    subtle: 'subtle' in crypto,
    randomUUID: 'randomUUID' in crypto,
  }));
  const expected = { isSecureContext: false, locks: false, subtle: false, randomUUID: false };
  equal(features, expected, 'features of the page');
  equal(await world.tabs[0].call('login', 'ada'), 'ada', 'user of the login');
  equal(await world.callAll('resume'), Array(4).fill('established'), 'outcomes of resume');
  for (let month = 1; month <= 3; month += 1) {
    const before = world.site.countSessionRequests();
    await world.advance(TOKEN_LIFETIME_MS);
    await world.expectOneToken(`after ${month} months`);
    equal(world.site.countSessionRequests() - before, 1, `session requests in month ${month}`);
  }
  const { storage } = world.clientOptions;
  const isStored = await world.tabs[0].call('isTokenInStorage');
  equal(isStored, storage === 'local', 'presence of the token in storage');
  if (storage !== 'encrypted') return;
  for (const { events } of await world.callAll('observations')) {
    const hasEvent = events.some((event) => event.startsWith('storage'));
    ok(hasEvent, 'the client emitted no event `storage` about its fallback to memory');
  }
};

const useServiceWorker = async (world) => {
  const tab = await world.open();
  const callWorker = await startWorker(tab);
  const outcome = await callWorker('signInAndOut', world.clientOptions);
  const expected = { userId: 'ada', isNew: true, status: 200, revoked: true };
  equal(outcome, expected, 'outcome of the worker');
  // The content security policy of the page forbids eval. A violation fails the test.
  equal(await tab.call('login', 'ada'), 'ada', 'user of the login in the page');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `tabs stay signed in without a secure context, ${storage}`,
      withWorld(
        browser,
        { address: INSECURE_HOST, locks: false, options: { storage } },
        useInsecureContext,
      ),
    );
  }
  test(
    'lesson 15: a login works in a service worker, and in a page that forbids eval',
    withWorld(browser, {}, useServiceWorker),
  );
};

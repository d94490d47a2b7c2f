// Places where something is missing: a page that is no secure context, a service worker, a page
// whose policy allows wasm and nothing else.
import { equal, ok } from '../conformance/harness.mjs';
import { LIFETIME, within } from './browser.mjs';

/** No Web Locks, no `crypto.subtle`, no `crypto.randomUUID`. */
const insecure = async (world) => {
  await world.open(4);
  const lacking = () => [
    isSecureContext,
    'locks' in navigator,
    'subtle' in crypto,
    'randomUUID' in crypto,
  ];
  equal(
    await world.tabs[0].page.evaluate(lacking),
    [false, false, false, false],
    'what the page has',
  );
  equal(await world.tabs[0].call('login', 'ada'), 'ada', 'login');
  equal(await world.all('resume'), Array(4).fill('established'), 'resume');
  for (let month = 1; month <= 3; month += 1) {
    const before = world.site.made();
    await world.step(LIFETIME);
    await world.agree(`after ${month} months`);
    equal(world.site.made() - before, 1, `session requests in month ${month}`);
  }
  equal(
    await world.tabs[0].call('isStoredInClear'),
    world.given.storage === 'local',
    'the token lies in the storage',
  );
  if (world.given.storage === 'encrypted') {
    const seen = await world.seen();
    ok(
      seen.every(({ events }) => events.some((event) => event.startsWith('storage'))),
      'an event says that it is memory',
    );
  }
};

const serviceWorker = async (world) => {
  const tab = await world.open();
  const outcome = await tab.page.evaluate(async (options) => {
    const registration = await navigator.serviceWorker.register('/worker.mjs', { type: 'module' });
    await navigator.serviceWorker.ready.catch(() => {});
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    worker.postMessage(options, [port2]);
    return answered;
  }, world.given);
  equal(outcome, { userId: 'ada', isNew: true, status: 200, revoked: true }, 'what the worker did');
  // The page has the same policy, and what it complains of fails the test.
  equal(await tab.call('login', 'ada'), 'ada', 'login in the page');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local', 'encrypted']) {
    test(
      `a page that is no secure context, ${storage}`,
      within(browser, { address: 'insecure.test', locks: false, options: { storage } }, insecure),
    );
  }
  test(
    'lesson 15: no eval by policy, and a service worker without import()',
    within(browser, { fakeClock: false }, serviceWorker),
  );
};

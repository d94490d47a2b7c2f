// Service workers beside pages (rule 21): a worker is a device of its own, even with the options of
// the pages, and it asks a window for the token, as docs/sessions.md shows.
import { equal, ok } from '../conformance/harness.mjs';
import { TOKEN_LIFETIME_MS, expectSignedInUsers, openSignedIn, withWorld } from './browser.mjs';

const NAMESPACE = 'app';

/** Registers the worker, and creates a function that calls a function of worker.mjs in it. */
export const startWorker = async (tab) => {
  await tab.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register('/worker.mjs', { type: 'module' });
    window.worker = registration.installing ?? registration.waiting ?? registration.active;
  });
  return (name, ...args) =>
    tab.page.evaluate(
      async (method, all) => {
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
        window.worker.postMessage([method, ...all], [port2]);
        return answer;
      },
      name,
      args,
    );
};

const signInBesidePages = async (world) => {
  await openSignedIn(world, 2);
  const { site, tabs, clientOptions } = world;
  const callWorker = await startWorker(tabs[0]);
  const pageId = await tabs[0].call('deviceId');
  const token = await tabs[0].call('token');
  const { deviceId, ...rest } = await callWorker('signIn', 'bob', clientOptions);
  equal(rest, { userId: 'bob' }, 'outcome of the login in the worker');
  equal(deviceId === pageId, false, 'equality of the device ids');
  await world.rest();
  await world.expectStates('established');
  expectSignedInUsers(site, ['ada', 'bob']);
  equal(await callWorker('signOut'), { revoked: true }, 'outcome of the logout in the worker');
  await world.rest();
  await world.expectStates('established');
  await world.expectOneToken('after the logout in the worker');
  equal(await tabs[0].call('token'), token, 'token of the pages');
  expectSignedInUsers(site, ['ada']);
};

const askWindows = async (world) => {
  await openSignedIn(world, 2);
  const { site, tabs } = world;
  equal(await world.callAll('serveTokens'), ['fine', 'fine'], 'set-up of the pages');
  const callWorker = await startWorker(tabs[0]);
  equal(await callWorker('fetchWithWindowToken'), [200], 'statuses with a valid token');
  equal(site.countSessionRequests(), 1, 'session requests with a valid token');
  await world.advance(TOKEN_LIFETIME_MS);
  equal(await callWorker('fetchWithWindowToken'), [200], 'statuses after a month');
  await world.rest();
  equal(site.countSessionRequests(), 2, 'session requests after a month');
  const { endpoint, apiKey } = world.clientOptions;
  const deviceId = await tabs[0].call('deviceId');
  // Another program ends the token of the pages.
  await tabs[0].call('createSession', { endpoint, apiKey }, { userId: 'ada', deviceId });
  equal(await callWorker('fetchWithWindowToken'), [401, 200], 'statuses with an ended token');
  await world.rest();
  equal(site.countSessionRequests(), 4, 'session requests after the renewal');
  await world.expectOneToken('after the requests of the worker');
  equal(await tabs[0].call('logout'), 'revoked true', 'outcome of the logout');
  const { error } = await callWorker('fetchWithWindowToken');
  ok(error?.startsWith('AggregateError'), 'the worker got a token although nobody is signed in');
};

export default ({ test, browser }) => {
  for (const storage of ['memory', 'local'])
    test(
      `a service worker with the namespace of the pages has its own session, ${storage}`,
      withWorld(browser, { options: { storage, namespace: NAMESPACE } }, signInBesidePages),
    );
  test(
    'a service worker gets the token from a window, as the documentation shows',
    withWorld(browser, { options: { storage: 'local' } }, askWindows),
  );
};

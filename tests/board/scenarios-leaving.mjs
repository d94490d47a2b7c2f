// Scenarios about logout, a ban, storage and the environment.
import { HOUR_MS, MINUTE_MS, SECOND_MS, expect, pause } from './world.mjs';

const HOLD_TIMEOUT_MS = 20_000;

const waitForArrival = async ({ arrived }) => {
  if (!(await Promise.race([arrived, pause(HOLD_TIMEOUT_MS)]))) throw new Error('no tab renewed');
};

const logOutInRenewal = async (world) => {
  const tab = await world.signIn();
  const held = world.hold('session', { afterHandling: true });
  await world.advance(world.backend.lifetimeMs * 1.01, false);
  void tab.call('token').catch(() => {});
  await waitForArrival(held);
  const leaving = tab.call('logout');
  await pause(200);
  held.release();
  await leaving;
  await world.advance(MINUTE_MS);
  const { isSignedIn, text } = await world.state(tab);
  expect(!isSignedIn, `after a logout during a renewal, the state is ${text}`);
  if (world.candidate.hasStoredSession) {
    await world.reload(tab);
    const reloaded = await world.state(tab);
    expect(
      !reloaded.isSignedIn,
      'after a logout during a renewal, a reload signs the user in again',
    );
  }
};

const logOutOffline = async (world) => {
  const tab = await world.signIn();
  world.goOffline();
  const { error } = await tab.call('logout');
  await world.advance(SECOND_MS);
  const { isSignedIn, text } = await world.state(tab);
  expect(!isSignedIn, `after a logout without a network, the state is ${text} (${error})`);
  world.goOnline();
  if (!world.candidate.hasStoredSession) return;
  await world.reload(tab);
  expect(
    !(await world.state(tab)).isSignedIn,
    'after a logout without a network, a reload signs the user in again',
  );
};

const useUnboundFetch = async (world) => {
  const tab = await world.open();
  await world.mustCall(tab, 'startWithFetch', world.backend.config);
  await world.mustCall(tab, 'login', 'ada');
};

const removeStorage = () => {
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
};

const useNoStorage = async (world) => {
  const tab = await world.signIn();
  expect(await world.hasGoodToken(tab), 'without storage, no token is handed out after a login');
  await world.advance(world.backend.lifetimeMs * 1.05);
  expect(await world.reachGoodToken(tab), 'without storage, the session is not renewed');
};

const reloadHot = async (world) => {
  const tab = await world.signIn();
  for (let n = 0; n < 9; n += 1) await tab.call('start', world.backend.config);
  await world.mustCall(tab, 'resumeAll');
  const before = world.backend.countSessionRequests();
  await world.advance(world.backend.lifetimeMs * 1.01);
  const tokens = await world.mustCall(tab, 'allTokens');
  const accepted = await Promise.all(tokens.map((token) => world.backend.isAccepted(token)));
  const count = accepted.filter(Boolean).length;
  expect(count === 10, `the service accepts the tokens of ${count} of 10 clients of one page`);
  const requests = world.backend.countSessionRequests() - before;
  expect(requests <= 2, `10 clients of one page renewed ${requests} times`);
};

const runUnderPolicy = async (world) => {
  const tab = await world.signIn();
  const { violations } = await tab.probes();
  expect(violations.length === 0, `the CSP of the page was violated: ${violations}`);
  expect(await world.hasGoodToken(tab), 'no token under a strict CSP');
};

const importInWorker = async (world) => {
  const tab = await world.open();
  const outcome = await tab.page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker('/worker.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve(message ?? 'an error');
      }),
  );
  expect(outcome === 'fine', `the import fails in a worker: ${outcome}`);
};

const logOutUnaware = async (world) => {
  const leaving = await world.signIn();
  const other = await world.openRestored();
  await world.settle();
  // The thread of the first tab is blocked while the other tab renews. So the first tab does not
  // learn of the new session before it logs out.
  const blocked = leaving.page.evaluate(() => {
    globalThis.probes.block();
    return globalThis.candidate.logout().then(
      () => 'fine',
      (error) => String(error?.message ?? error),
    );
  });
  await pause(200);
  world.tabs.splice(world.tabs.indexOf(leaving), 1);
  const start = world.backend.now();
  await world.advance(world.backend.lifetimeMs * 1.01);
  const isRenewed = await world.reachGoodToken(other);
  const elapsed = world.backend.now() - start;
  world.site.endHold();
  await blocked;
  await leaving.page.evaluate((ms) => globalThis.pageClock.advance(ms, 0), elapsed);
  world.tabs.push(leaving);
  for (let n = 0; n < 5; n += 1) await world.advance(MINUTE_MS);
  expect(isRenewed, 'the other tab got no new token within an hour');
  const count = world.backend.countValidSessions();
  expect(count === 0, `valid sessions of the device after a logout: ${count}`);
  const { isSignedIn } = await world.state(other);
  expect(!isSignedIn, 'after a logout in one tab, the other stays signed in');
};

const countMessages = async (world) => {
  const sum = async () => {
    const all = await Promise.all(world.tabs.map((tab) => tab.probes()));
    return all.reduce((total, { messages, writes }) => total + messages + writes, 0);
  };
  await world.signIn();
  for (let n = 0; n < 3; n += 1) await world.openRestored();
  await world.advance(world.backend.lifetimeMs * 1.01);
  for (const tab of world.tabs) await world.reachGoodToken(tab);
  await pause(1000);
  const before = await sum();
  await pause(3000);
  const atRest = (await sum()) - before;
  expect(atRest === 0, `four tabs at rest sent ${atRest} messages and writes in 3 s`);
};

const stopAfterLogout = async (world) => {
  const tab = await world.open();
  const before = await tab.probes();
  await world.mustCall(tab, 'login', 'ada');
  await world.mustCall(tab, 'logout');
  await world.advance(MINUTE_MS);
  const { intervals } = await tab.probes();
  const left = intervals - before.intervals;
  let requests = 0;
  world.site.network = (request, next) => {
    requests += 1;
    return next();
  };
  await world.advance(world.backend.lifetimeMs * 1.05);
  await world.advance(HOUR_MS);
  expect(requests === 0, `after a logout, the page sent ${requests} requests`);
  expect(left <= 0, `after a logout, more intervals run than before the login (${left})`);
};

const banUser = async (world) => {
  const tab = await world.signIn();
  world.backend.ban('ada');
  await world.advance(world.backend.lifetimeMs * 1.01);
  await tab.call('token');
  for (let n = 0; n < 10; n += 1) await world.advance(MINUTE_MS);
  const { isSignedIn, text } = await world.state(tab);
  const isFinal = ['terminated', 'notLoggedIn', 'signed out', 'not authenticated'].includes(text);
  expect(!isSignedIn && isFinal, `ten minutes after a ban was noticed, the state is ${text}`);
};

export default [
  {
    id: 7,
    title: 'A renewal that lands after a logout does not resurrect the session',
    run: logOutInRenewal,
  },
  { id: 8, title: 'A logout without a network signs out', run: logOutOffline },
  { id: 9, title: 'The global `fetch` may be passed unbound', run: useUnboundFetch },
  {
    id: 11,
    title: 'Storage that throws prevents neither a login nor a renewal',
    functions: [removeStorage],
    run: useNoStorage,
  },
  { id: 12, title: 'Ten clients of one page (hot reload) renew at most twice', run: reloadHot },
  { id: 14, title: 'The package can be imported in a web worker', run: importInWorker },
  { id: 15, title: 'A client runs under a CSP without `unsafe-eval`', run: runUnderPolicy },
  { id: 16, title: 'A logout ends a session that another tab just created', run: logOutUnaware },
  { id: 17, title: 'Tabs at rest send no messages and write no storage', run: countMessages },
  { id: 20, title: 'A logout leaves no interval and causes no request', run: stopAfterLogout },
  { id: 21, title: 'A ban ends in a final state', run: banUser },
];

// Scenarios about renewals, outages, sleep and clocks.
import { createHash } from 'node:crypto';
import { HOUR_MS, MINUTE_MS, SECOND_MS, expect, pause } from './world.mjs';

/** The fraction of a session's lifetime at which a renewal is due in every library on the board. */
const DUE = 0.985;
const OUTAGE_SECONDS = 60;
const HOLD_TIMEOUT_MS = 20_000;

const renewTogether = async (world) => {
  const tabs = [await world.signIn(), await world.openRestored()];
  tabs.push(await world.openRestored());
  await world.advance(world.backend.lifetimeMs * 1.05);
  await world.advance(MINUTE_MS);
  const good = await Promise.all(tabs.map((tab) => world.reachGoodToken(tab)));
  const count = good.filter(Boolean).length;
  expect(
    count === 3,
    `after the renewal, ${count} of 3 tabs have a token that the service accepts`,
  );
  const stillGood = await Promise.all(tabs.map(async (tab) => world.hasGoodToken(tab)));
  expect(stillGood.every(Boolean), 'a renewal in one tab ended the token of another');
};

/**
 * Lets a session expire in two tabs, and holds the first request to renew it. Resolves to the tab
 * that sent the request, to the other tab, and to the held request.
 */
const holdRenewal = async (world, options) => {
  const tabs = [await world.signIn(), await world.openRestored()];
  const held = world.hold('session', options);
  await world.advance(world.backend.lifetimeMs * 1.01, false);
  for (const tab of tabs) void tab.call('token');
  const first = await Promise.race([held.arrived, pause(HOLD_TIMEOUT_MS)]);
  if (!first) throw new Error('no tab renewed');
  // The scenario freezes or closes this tab, so `advance` must no longer wait for its page.
  world.tabs.splice(world.tabs.indexOf(first), 1);
  return { first, other: tabs.find((tab) => tab !== first), held };
};

const freezeHolder = async (world) => {
  const { first, other, held } = await holdRenewal(world);
  const devTools = await first.page.openDevTools();
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
  const good = await world.reachGoodToken(other, HOUR_MS, 6 * MINUTE_MS);
  held.lose();
  expect(good, 'while one tab is frozen in mid-renewal, the other gets no token within an hour');
};

const failRenewal = async (world) => {
  const tab = await world.signIn();
  const lifetime = world.backend.lifetimeMs;
  world.refuse(502, ['session', 'authToken']);
  await world.advance(lifetime * DUE);
  for (let n = 1; n <= 5; n += 1) {
    await tab.call('token');
    await world.advance(SECOND_MS);
  }
  const { isSignedIn, text } = await world.state(tab);
  expect(isSignedIn, `after a failed renewal, the state is ${text}, though the token is valid`);
  const left = Math.floor((lifetime * (1 - DUE)) / SECOND_MS) - 6;
  expect(
    await world.hasGoodToken(tab),
    `after a failed renewal, no token is handed out, though it is valid for ${left} s more`,
  );
};

const surviveOutage = async (world) => {
  const tab = await world.signIn();
  let requests = 0;
  world.site.network = (request, next) => {
    if (request.kind !== 'session' && request.kind !== 'authToken') return next();
    requests += 1;
    const headers = { 'content-type': 'application/json', 'retry-after': '60' };
    return { status: 503, headers, body: '{"message":"unavailable"}' };
  };
  await world.advance(world.backend.lifetimeMs * 1.01);
  requests = 0;
  for (let second = 0; second < OUTAGE_SECONDS; second += 1) {
    void tab.call('token');
    void tab.call('token');
    await world.advance(SECOND_MS);
  }
  expect(
    requests <= 20,
    `in a minute of 503 with Retry-After: 60, two calls a second sent ${requests} requests`,
  );
};

const sleepLong = async (world) => {
  const tab = await world.signIn();
  await world.sleep(world.backend.lifetimeMs * 1.5);
  expect(
    await world.reachGoodToken(tab),
    'after a long sleep, no valid token is handed out within an hour',
  );
};

const useWrongClock = async (world) => {
  world.setDeviceClock(9 * HOUR_MS);
  const tab = await world.open();
  const { error } = await tab.call('login', 'ada');
  expect(!error, `with a clock 9 hours ahead, the login fails: ${error?.split(';')[0]}`);
  for (let n = 0; n < 10; n += 1) {
    await tab.call('token');
    await world.advance(MINUTE_MS);
  }
  const count = world.backend.countSessionRequests();
  expect(count <= 2, `with a clock 9 hours ahead, 10 minutes take ${count} session requests`);
  expect(await world.hasGoodToken(tab), 'with a clock 9 hours ahead, no valid token is handed out');
};

const closeInRenewal = async (world) => {
  const { first, other, held } = await holdRenewal(world, { afterHandling: true });
  await first.page.close();
  held.lose();
  const good = await world.reachGoodToken(other, HOUR_MS, 6 * MINUTE_MS);
  expect(good, 'after a tab was closed in mid-renewal, the other gets no token within an hour');
};

const recoverAfterExpiry = async (world) => {
  const tab = await world.signIn();
  const kinds = world.backend.hasTokenRoute ? ['authToken'] : ['session'];
  world.refuse(503, kinds);
  await world.sleep(world.backend.lifetimeMs * 1.1);
  for (let n = 0; n < 10; n += 1) {
    void tab.call('request');
    await world.advance(MINUTE_MS);
  }
  world.goOnline();
  const good = await world.reachGoodToken(tab, HOUR_MS, MINUTE_MS);
  const { text } = await world.state(tab);
  expect(good, `an hour after the outage, no valid token is handed out; the state is ${text}`);
};

const digest = (token) => createHash('sha256').update(String(token)).digest('hex');

const signInTwice = async (world) => {
  const first = await world.signIn();
  const before = digest((await first.call('token')).value);
  const second = await world.open();
  await second.call('resume');
  await world.mustCall(second, 'login', 'ada');
  await world.advance(SECOND_MS);
  const { value } = await first.call('token');
  const isAccepted = await world.backend.isAccepted(value);
  const deadToken = digest(value) === before ? 'its token' : 'its new token';
  expect(
    isAccepted,
    `after a login in a second tab, the service rejects the first tab: ${deadToken} is dead`,
  );
};

export default [
  { id: 1, title: 'Tabs that renew together do not end each other’s token', run: renewTogether },
  { id: 2, title: 'A tab frozen in mid-renewal does not block the others', run: freezeHolder },
  { id: 3, title: 'A failed renewal keeps a token that is still valid', run: failRenewal },
  { id: 4, title: 'An outage causes no storm of requests', run: surviveOutage },
  { id: 5, title: 'A token is valid after a long sleep', run: sleepLong },
  {
    id: 6,
    title: 'A clock that is 9 hours ahead prevents no login and causes no storm of requests',
    run: useWrongClock,
  },
  {
    id: 13,
    title: 'A tab closed in mid-renewal does not sign out the others',
    run: closeInRenewal,
  },
  {
    id: 18,
    title: 'A login in a second tab does not end the first tab’s session',
    run: signInTwice,
  },
  {
    id: 19,
    title: 'An outage that lasts beyond the expiry does not sign the user out permanently',
    run: recoverAfterExpiry,
  },
];

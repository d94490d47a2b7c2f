// Opens several tabs in one context of a browser. They share Web Locks, channels, localStorage and
// IndexedDB. The clocks of the tabs and of the service advance together.
import { openAddress, waitForGlobal } from '../browsers/launch.mjs';
import { equal, fail, ok } from '../conformance/harness.mjs';
import { startSite } from './site.mjs';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const TOKEN_LIFETIME_MS = 30 * DAY_MS;

const WAIT_TIMEOUT_MS = 30_000;

/** Polls `condition` until it is true. */
export const waitUntil = async (condition, what) => {
  const end = Date.now() + WAIT_TIMEOUT_MS;
  while (!(await condition())) if (Date.now() > end) fail(`timed out waiting for ${what}`);
};

/** The longest time in which tabs decide which of them renews, on the virtual clock. */
const ELECTION_MS = 250;
/**
 * The longest time in which tabs without Web Locks decide which of them renews. They decide by what
 * they write to storage. The engine delivers these writes in real time, so this wait is real too.
 */
const REAL_ELECTION_MS = 200;
/** The maximum number of rounds of requests and elections after one advance of the clocks. */
const ROUNDS_PER_STEP = 3;

const turnClock = (page, ms) => page.evaluate((step) => globalThis.pageClock.advance(step), ms);

const removeLocks = () => {
  delete Navigator.prototype.locks;
};

/**
 * Creates a site and a browser context for it.
 *
 * - `init` runs in every page before any other script
 * - `locks: false` removes Web Locks
 * - `address` replaces the host name of the site
 * - `options` sets options of every client
 * - `service` sets options of the emulator
 */
const createWorld = async (browser, { init, locks = true, address, options, service }) => {
  const functions = [init, !locks && removeLocks].filter(Boolean);
  const site = await startSite(functions, service);
  const context = await browser.newContext();
  const tabs = [];
  /** Every open page, in `tabs` or not. */
  const pages = new Set();
  let lastNumber = 0;
  const clientOptions = { endpoint: site.url, apiKey: site.service.apiKey, ...options };

  /** Creates the client of a tab whose page is loaded. */
  const createTab = async (page, number) => {
    const tab = {
      page,
      number,
      /** Calls a function of tab.mjs in the page. */
      call: (name, ...args) =>
        page.evaluate((method, all) => window.tab[method](...all), name, args),
    };
    await tab.call('createClient', clientOptions);
    return tab;
  };

  const world = {
    site,
    context,
    tabs,
    clientOptions,
    /** Opens tabs, and returns the last one. */
    async open(count = 1) {
      const origin = address ? `http://${address}:${site.port}` : site.url;
      for (let n = 0; n < count; n += 1) {
        const page = await context.newPage();
        pages.add(page);
        lastNumber += 1;
        await openAddress(page, `${origin}/?tab=${lastNumber}`, 'tab');
        tabs.push(await createTab(page, lastNumber));
      }
      return tabs.at(-1);
    },
    async reload(tab) {
      await tab.page.reload();
      await waitForGlobal(tab.page, 'tab');
      const reloaded = await createTab(tab.page, tab.number);
      tabs[tabs.indexOf(tab)] = reloaded;
      return reloaded;
    },
    async remove(tab) {
      tabs.splice(tabs.indexOf(tab), 1);
      pages.delete(tab.page);
      await tab.page.close();
    },
    /** Calls a function of tab.mjs in all tabs concurrently. */
    callAll: (name, ...args) => Promise.all(tabs.map((tab) => tab.call(name, ...args))),
    states: async () => (await world.callAll('snapshot')).map(({ state }) => state),
    /** Checks that every tab is in the state. */
    async expectStates(state, what = 'states') {
      const expected = tabs.map(() => state);
      equal(await world.states(), expected, what);
    },
    /** Advances all clocks in one step. */
    async turnClocks(ms) {
      site.advance(ms);
      await Promise.all([...pages].map((page) => turnClock(page, ms)));
    },
    /** Advances all clocks in one step, and waits for the requests that follow. */
    async advance(ms) {
      await world.turnClocks(ms);
      for (let round = 1; round <= ROUNDS_PER_STEP; round += 1) {
        await waitUntil(async () => {
          await world.callAll('settle');
          return !site.isBusy();
        }, 'the requests in flight');
        if (round === ROUNDS_PER_STEP) break;
        if (locks) {
          await world.turnClocks(ELECTION_MS);
        } else {
          await new Promise((resolve) => setTimeout(resolve, REAL_ELECTION_MS));
        }
      }
    },
    /** Checks that all tabs have the same token, and that the service accepts it. */
    async expectOneToken(when) {
      const tokens = await world.callAll('token');
      const errors = tokens.filter((token) => token.startsWith('error'));
      equal(errors, [], `errors ${when}`);
      equal(new Set(tokens).size, 1, `number of different tokens ${when}`);
      const statuses = await world.callAll('fetchStatus');
      const accepted = tabs.map(() => 200);
      equal(statuses, accepted, `statuses of requests ${when}`);
    },
    async close() {
      await context.close();
      site.close();
    },
  };
  return world;
};

/**
 * Returns a test body that runs `body` in a world of its own. The test also fails if a page reports
 * an error, an unhandled rejection or a violation of its policy.
 */
export const withWorld = (browser, options, body) => async () => {
  const world = await createWorld(browser, options);
  try {
    await body(world);
    const reported = (await world.callAll('observations')).flatMap(({ errors }) => errors);
    equal(reported, [], 'errors that the pages reported');
  } finally {
    await world.close();
  }
};

/** Opens tabs, signs in ada in the first tab, and checks that the others take over her session. */
export const openSignedIn = async (world, count = 8) => {
  const first = await world.open();
  equal(await first.call('login', 'ada'), 'ada', 'user of the login');
  await world.open(count - 1);
  equal(await world.callAll('resume'), Array(count).fill('established'), 'outcomes of resume');
};

/** Waits until every tab is in the state. */
export const waitForState = (world, state) =>
  waitUntil(
    async () => (await world.states()).every((other) => other === state),
    `the state ${state} in all tabs`,
  );

/** Checks which users have a valid session at the service. */
export const expectSignedInUsers = ({ service }, userIds, what = 'users with a valid session') => {
  const valid = service.sessions().filter((session) => session.valid);
  equal(
    valid.map(({ userId }) => userId),
    userIds,
    what,
  );
};

/** Checks that the service received at most `max` session requests. */
export const expectAtMostRequests = (count, max, when) =>
  ok(count <= max, `${count} session requests ${when}, at most ${max} allowed`);

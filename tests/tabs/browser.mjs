// Opens several tabs in one context of a browser. They share Web Locks, channels, localStorage and
// IndexedDB. The clocks of the tabs and of the service advance together.
import { openAddress, waitForGlobal } from '../browsers/launch.mjs';
import { containsSecret, equal, fail, ok } from '../conformance/harness.mjs';
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

/** How many checks in a row must find all tabs idle. One check can miss a message in flight. */
const IDLE_ROUNDS = 2;

/** How long a driver may take to reach a tab. A busy machine raises it. */
let leadPerPageMs = 40;
const MAX_LEAD_PER_PAGE_MS = 400;

const removeLocks = () => {
  delete Navigator.prototype.locks;
};

/**
 * Creates a site and a browser context for it.
 *
 * - `init` runs in every page before any other script, except for the one that replaces the clock
 * - `locks: false` removes Web Locks
 * - `address` replaces the host name of the site
 * - `options` sets options of every client
 * - `service` sets options of the emulator
 */
export const createWorld = async (browser, { init, locks = true, address, options, service }) => {
  const functions = [init, !locks && removeLocks].filter(Boolean);
  const site = await startSite(functions, service);
  const context = await browser.newContext();
  const tabs = [];
  /** Every open page, in `tabs` or not. */
  const pages = new Set();
  let lastNumber = 0;
  const clientOptions = { endpoint: site.url, apiKey: site.service.apiKey, ...options };

  /** Creates the client of a tab whose page is loaded. */
  const createTab = async (page, number, more) => {
    const tab = {
      page,
      number,
      /** Calls a function of tab.mjs in the page. */
      call: (name, ...args) =>
        page.evaluate((method, all) => window.tab[method](...all), name, args),
    };
    await tab.call('createClient', { ...clientOptions, ...more });
    return tab;
  };

  const world = {
    site,
    /** Whether a client of this world stores its session in plain text. */
    hasPlainStorage: false,
    /** How many tabs most tests open. */
    size: browser.size,
    context,
    tabs,
    clientOptions,
    /** Opens tabs, and returns the last one. */
    open: (count = 1) => world.openWith({}, count),
    /** Opens tabs whose clients have other options, and returns the last one. */
    async openWith(more, count = 1) {
      if ({ ...clientOptions, ...more }.storage === 'local') world.hasPlainStorage = true;
      const origin = address ? `http://${address}:${site.port}` : site.url;
      for (let n = 0; n < count; n += 1) {
        const page = await context.newPage();
        pages.add(page);
        lastNumber += 1;
        await openAddress(page, `${origin}/?tab=${lastNumber}`, 'tab');
        tabs.push(await createTab(page, lastNumber, more));
      }
      return tabs.at(-1);
    },
    async reload(tab, more) {
      if (more?.storage === 'local') world.hasPlainStorage = true;
      await tab.page.reload();
      await waitForGlobal(tab.page, 'tab');
      const reloaded = await createTab(tab.page, tab.number, more);
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
    /** Shifts the wall clock of the device. No time passes. */
    async shiftWallClock(ms) {
      site.shiftPages(ms);
      const shift = (step) => globalThis.pageClock.shiftWallClock(step);
      await Promise.all([...pages].map((page) => page.evaluate(shift, ms)));
    },
    /**
     * Advances all clocks in one step. If the driver reaches one tab after the other, it tells each
     * tab a later moment, and all tabs take the step at that moment.
     */
    async turnClocks(ms) {
      const start = Date.now();
      const turn = (step, time) => globalThis.pageClock.advance(step, time);
      const lead = context.isSerial ? leadPerPageMs * pages.size : 0;
      const turns = [...pages].map((page) => page.evaluate(turn, ms, start + lead));
      if (lead) await new Promise((resolve) => setTimeout(resolve, start + lead - Date.now()));
      site.advance(ms);
      const left = Math.min(...(await Promise.all(turns)));
      if (lead && left < lead / 4)
        leadPerPageMs = Math.min(2 * leadPerPageMs, MAX_LEAD_PER_PAGE_MS);
    },
    /**
     * Waits until no request is in flight, except for those that the test holds, and no tab waits
     * for messages or storage.
     */
    async rest() {
      const isIdle = ({ page }) => page.evaluate(() => globalThis.pageClock.isIdle());
      let rounds = 0;
      await waitUntil(async () => {
        await world.callAll('settle');
        const idle = await Promise.all(tabs.map(isIdle));
        rounds = site.isBusy() || idle.includes(false) ? 0 : rounds + 1;
        return rounds === IDLE_ROUNDS;
      }, 'the tabs to come to rest');
    },
    /** Advances all clocks in one step, and waits until the tabs have reacted. */
    async advance(ms) {
      await world.turnClocks(ms);
      await world.rest();
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
 * Checks that no token is in an address, a recorded request, an event, or the storage of a tab that
 * does not store it in plain text.
 */
const expectNoSecret = async (world) => {
  const { site, tabs } = world;
  ok(!containsSecret(site.recordedText()), 'an address or a recorded request contains a secret');
  for (const tab of tabs) {
    const observed = JSON.stringify(await tab.call('observations'));
    ok(!containsSecret(observed), 'an event or an error contains a secret');
  }
  if (world.hasPlainStorage) return;
  for (const tab of tabs)
    ok(!containsSecret(await tab.call('storageText')), 'the storage of a tab contains a secret');
};

/**
 * Returns a test body that runs `body` in a world of its own. The test also fails if a tab that is
 * in `tabs` at the end has reported an error, an unhandled rejection or a violation of its policy,
 * or if a secret is where it must not be.
 */
export const withWorld = (browser, options, body) => async () => {
  const world = await createWorld(browser, options);
  try {
    await body(world);
    const reported = (await world.callAll('observations')).flatMap(({ errors }) => errors);
    equal(reported, [], 'errors that the pages reported');
    await expectNoSecret(world);
  } finally {
    await world.close();
  }
};

/** Opens tabs, signs in ada in the first tab, and checks that the others take over her session. */
export const openSignedIn = async (world, count = world.size) => {
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

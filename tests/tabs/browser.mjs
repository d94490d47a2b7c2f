// Chromium with several tabs of one context: they share Web Locks, channels, localStorage and
// IndexedDB. Their clocks and the service's are turned together.
import { chromium } from 'playwright-core';
import { options as startingWith } from '../chromium.mjs';
import { equal, fail, ok } from '../conformance/harness.mjs';
import { startSite } from './site.mjs';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const LIFETIME = 30 * DAY;

// A name that is not loopback's, and so no secure context.
export const launch = () =>
  chromium.launch(startingWith('--host-resolver-rules=MAP insecure.test 127.0.0.1'));

/** Waits for `condition`, asking the pages again and again. */
export const eventually = async (condition, what) => {
  const end = Date.now() + 30_000;
  while (!(await condition())) if (Date.now() > end) fail(`waited in vain for ${what}`);
};

/**
 * Without locks tabs settle among themselves who renews, by what they write and a short wait. What
 * is written reaches the others in the engine's own time, so that this wait may not be turned.
 */
const SETTLED_MS = 200;
const withoutLocks = () => {
  delete Navigator.prototype.locks;
};

/**
 * A site and a browser's context for it. `init` runs in every page before anything else; `locks:
 * false` takes Web Locks away; `fakeClock` lets Playwright have the clock of all pages; `address`
 * is another name for the site; `options` are those of each client.
 */
const make = async (
  browser,
  { init, locks = true, fakeClock = true, address, options, service },
) => {
  const site = await startSite(service);
  const context = await browser.newContext();
  if (init) await context.addInitScript(init);
  if (!locks) await context.addInitScript(withoutLocks);
  if (fakeClock) await context.clock.install({ time: Date.now() });
  const tabs = [];
  const given = { endpoint: site.url, apiKey: site.service.apiKey, ...options };

  /** Loads the page, and makes its client. */
  const load = async (page) => {
    await page.goto(address ? `http://${address}:${site.port}/` : site.url);
    await page.waitForFunction(() => 'tab' in window, undefined, { polling: 50 });
    const tab = {
      page,
      call: (name, ...args) =>
        page.evaluate(([method, all]) => window.tab[method](...all), [name, args]),
    };
    await tab.call('open', given);
    return tab;
  };

  const world = {
    site,
    context,
    tabs,
    given,
    async open(count = 1) {
      for (let n = 0; n < count; n += 1) tabs.push(await load(await context.newPage()));
      return tabs.at(-1);
    },
    async reload(tab) {
      await tab.page.reload();
      tabs[tabs.indexOf(tab)] = await load(tab.page);
      return tabs.find(({ page }) => page === tab.page);
    },
    async remove(tab) {
      tabs.splice(tabs.indexOf(tab), 1);
      await tab.page.close();
    },
    all: (name, ...args) => Promise.all(tabs.map((tab) => tab.call(name, ...args))),
    states: async () => (await world.all('look')).map(({ state }) => state),
    seen: () => world.all('seen'),
    /**
     * All clocks go on at once, as after a sleep, and what that begins is carried out; a tab may
     * wait a little for another one.
     */
    async step(ms) {
      site.service.clock.advance(ms);
      await context.clock.fastForward(ms);
      for (let round = 0; round < 3; round += 1) {
        await eventually(
          async () => (await world.all('rest'), !site.isBusy()),
          'the requests under way',
        );
        if (round === 2) break;
        if (locks) {
          site.service.clock.advance(250);
          await context.clock.runFor(250);
        } else await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
      }
    },
    /** All tabs have one token, and the service honours it. */
    async agree(what) {
      const tokens = await world.all('token');
      ok(
        !tokens.some((token) => token.startsWith('error')),
        `${what}: ${tokens.filter((token) => token.startsWith('error'))}`,
      );
      equal(new Set(tokens).size, 1, `${what}: different tokens`);
      equal(
        await world.all('ask'),
        tabs.map(() => 200),
        `${what}: what the service answers`,
      );
    },
    async close() {
      await context.close();
      site.close();
    },
  };
  return world;
};

/**
 * Runs a test in a world of its own; no page may have complained, of an error, a rejection or its
 * policy.
 */
export const within = (browser, options, body) => async () => {
  const world = await make(browser, options);
  const complaints = [];
  world.context.on('weberror', (error) => complaints.push(error.error().message));
  try {
    await body(world);
    equal(
      [...complaints, ...(await world.seen()).flatMap(({ errors }) => errors)],
      [],
      'complaints of the pages',
    );
  } finally {
    await world.close();
  }
};

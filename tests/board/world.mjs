// A world: one browser context, the site of a candidate, and tabs with the candidate in them. The
// clocks of the tabs and of the backend advance together.
import { openAddress, waitForGlobal } from '../browsers/launch.mjs';
import { startSite } from './site.mjs';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

const WAIT_TIMEOUT_MS = 20_000;
/** For how long the site must be idle in real time before a world counts as settled. */
const QUIET_MS = 60;
/** How long a call may take in real time. */
const CALL_TIMEOUT_MS = 15_000;

/** The error of a scenario that a candidate fails. Its message is the observation. */
export class Failure extends Error {}

/** Fails the scenario if the condition is false. */
export const expect = (condition, observation) => {
  if (!condition) throw new Failure(observation);
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const createTab = (page, number) => ({
  page,
  number,
  /** Calls a function of the candidate. Resolves to `{value}`, `{error}` or `{isPending}`. */
  call: (name, ...args) =>
    Promise.race([
      page
        .evaluate(
          (method, all) =>
            (async () => globalThis.candidate[method](...all))().then(
              (value) => ({ value }),
              (error) => ({ error: String(error?.message ?? error?.name ?? error) }),
            ),
          name,
          args,
        )
        // The page was closed during the call.
        .catch(({ message }) => ({ error: message })),
      pause(CALL_TIMEOUT_MS).then(() => ({ isPending: true })),
    ]),
  probes: () => page.evaluate(() => globalThis.probes.read()),
});

/** Creates the world of a candidate. `functions` run in each page before the candidate. */
export const createWorld = async (browser, candidate, functions = []) => {
  const site = await startSite(candidate.script, candidate.createBackend, functions);
  const context = await browser.newContext();
  const tabs = [];
  const { backend } = site;
  let lastNumber = 0;

  const world = {
    site,
    backend,
    tabs,
    /** Opens a tab, and starts the candidate in it without any further call. */
    async open() {
      const page = await context.newPage();
      lastNumber += 1;
      await openAddress(page, `${site.url}/?tab=${lastNumber}`, 'candidate');
      const tab = createTab(page, lastNumber);
      await tab.call('start', backend.config);
      tabs.push(tab);
      return tab;
    },
    /** Opens a tab that restores the session as the documentation of the candidate shows. */
    async openRestored() {
      const tab = await world.open();
      await tab.call('resume');
      return tab;
    },
    async reload(tab) {
      await tab.page.reload();
      await waitForGlobal(tab.page, 'candidate');
      await tab.call('start', backend.config);
      await tab.call('resume');
    },
    async signIn(userId = 'ada') {
      const tab = await world.open();
      await world.mustCall(tab, 'login', userId);
      return tab;
    },
    async mustCall(tab, name, ...args) {
      const { value, error, isPending } = await tab.call(name, ...args);
      expect(!isPending, `the call \`${name}\` did not settle`);
      expect(error === undefined, `the call \`${name}\` failed: ${error}`);
      return value;
    },
    /** Waits until no request is in flight, except those that a scenario holds. */
    async settle() {
      const end = Date.now() + WAIT_TIMEOUT_MS;
      for (let quietSince = Date.now(); Date.now() - quietSince < QUIET_MS; await pause(5)) {
        if (site.isBusy()) quietSince = Date.now();
        if (Date.now() > end) throw new Error('the world did not settle');
      }
    },
    /** Advances all clocks in one step, and lets the tabs act. */
    async advance(ms, settle = true) {
      site.advance(ms);
      await Promise.all(
        tabs.map(({ page }) => page.evaluate((step) => globalThis.pageClock.advance(step, 0), ms)),
      );
      if (settle) await world.settle();
    },
    /** Advances wall time only, as happens while the device sleeps. */
    async sleep(ms) {
      site.advance(ms);
      await Promise.all(
        tabs.map(({ page }) =>
          page.evaluate((step) => globalThis.pageClock.shiftWallClock(step), ms),
        ),
      );
    },
    /** Turns the clock of the device for tabs that open later, but not the clock of the service. */
    setDeviceClock: (ms) => site.shiftPages(ms),
    /** Resolves to whether the tab hands out a token that the service accepts. */
    async hasGoodToken(tab) {
      const { value } = await tab.call('token');
      return typeof value === 'string' && (await backend.isAccepted(value));
    },
    /** Advances the clocks in steps until the tab hands out a good token; at most for `maxMs`. */
    async reachGoodToken(tab, maxMs = HOUR_MS, stepMs = MINUTE_MS) {
      for (let elapsed = 0; ; elapsed += stepMs) {
        if (await world.hasGoodToken(tab)) return true;
        if (elapsed >= maxMs) return false;
        await world.advance(stepMs);
      }
    },
    state: async (tab) => (await tab.call('state')).value,
    /**
     * Holds the first request of a kind. With `afterHandling`, the backend handles it first, and
     * its answer is held. `arrived` resolves to the tab that sent it. `lose` breaks the connection.
     */
    hold(kind, { afterHandling = false } = {}) {
      let arrive;
      let decide;
      const arrived = new Promise((resolve) => (arrive = resolve));
      const decided = new Promise((resolve) => (decide = resolve));
      let isUsed = false;
      const before = site.network;
      site.network = async (request, next, wait) => {
        if (isUsed || request.kind !== kind) return before(request, next, wait);
        isUsed = true;
        const answer = afterHandling ? await next() : undefined;
        arrive(tabs.find(({ number }) => number === request.tab));
        await wait(decided);
        if ((await decided) === 'lose') return undefined;
        return answer ?? next();
      };
      return { arrived, release: () => decide('release'), lose: () => decide('lose') };
    },
    /** Refuses requests of these kinds until `goOnline`. */
    refuse(status, kinds) {
      const headers = { 'content-type': 'application/json' };
      site.network = (request, next) =>
        kinds.includes(request.kind)
          ? { status, headers, body: '{"message":"unavailable"}' }
          : next();
    },
    goOffline: () => void (site.network = () => undefined),
    goOnline: () => void (site.network = (request, next) => next()),
    async close() {
      site.close();
      await context.close();
    },
  };
  return world;
};

// One episode: several tabs of one browser live through months of accidents within seconds.
import { createWorld } from '../tabs/browser.mjs';
import { countMessages } from '../tabs/messages.mjs';
import { createNetwork } from './network.mjs';
import { DAY_MS, STORAGES } from './plan.mjs';

/** The longest real time to wait for a client to start before the next act begins. */
const MAX_START_MS = 2000;

/** Deletes the data of the site, except databases that a page holds open. Runs in the page. */
const clearStorage = async () => {
  localStorage.clear();
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
};

/**
 * Starts an episode. The acts of plan.mjs call its methods. `violations` lists the broken
 * requirements.
 */
export const startEpisode = async ({ browser, name, plan, random, timeline }) => {
  const network = createNetwork(random, timeline);
  const violations = [];
  const world = await createWorld(browser, {
    init: countMessages,
    locks: plan.locks,
    options: { storage: plan.storage },
  });
  const { site, tabs } = world;
  const frozen = new Map();
  /** The numbers of the tabs that were loaded before a later version was deployed. */
  const obsolete = new Set();
  const pending = new Set();
  let elapsed = 0;
  let skew = 0;
  /** The last login or logout. Its `isAlone` is false if it overlapped with another one. */
  let intent;
  let intents = 0;
  site.intercept = (exchange, next) => {
    const { method, url } = exchange.incoming;
    if (method === 'POST' && url === '/api/v5/sessions') episode.sessionRequests += 1;
    return network.intercept(exchange, next);
  };

  const violate = (text) => {
    violations.push(text);
    timeline.note('VIOLATION', text);
  };
  const judge = (method, outcome) => {
    if (method === 'tokenOwner' && outcome.owner !== undefined && outcome.owner !== outcome.userId)
      violate(`a tab of ${outcome.userId} has a token of ${outcome.owner}`);
  };
  /** The outcome of a call whose tab was closed or reloaded before the call settled. */
  const GONE = 'the tab is gone';

  const episode = {
    world,
    random,
    violations,
    violate,
    frozen,
    pending,
    sessionRequests: 0,
    get intent() {
      return intent;
    },
    get days() {
      return elapsed / DAY_MS;
    },
    /** Returns the tabs that are not frozen. */
    listActiveTabs: () => tabs.filter((tab) => !frozen.has(tab)),
    /** Starts a call in a tab, without waiting for it. */
    call(tab, method, ...args) {
      const about = `tab ${tab.number}: ${method}(${args})`;
      timeline.note('call', about);
      const call = tab.call(method, ...args).then(
        (outcome) => {
          timeline.note('outcome', `${about} → ${JSON.stringify(outcome)}`);
          judge(method, outcome);
          return outcome;
        },
        (error) => {
          timeline.note('gone', `${about}: ${error.message.slice(0, 80)}`);
          return GONE;
        },
      );
      const entry = { about, call };
      pending.add(entry);
      void call.finally(() => pending.delete(entry));
      return { settled: call };
    },
    callAll(method) {
      for (const tab of episode.listActiveTabs()) episode.call(tab, method);
    },
    logIn(tab, userId) {
      episode.intend('login', userId, episode.call(tab, 'login', userId).settled);
    },
    logOut(tab) {
      episode.intend('logout', undefined, episode.call(tab, 'logout').settled);
    },
    /** Records a login or a logout as the last one, and whether it overlaps with another one. */
    intend(kind, userId, call) {
      const own = { kind, userId, isAlone: intents === 0, excuses: [] };
      if (intent) intent.isAlone &&= intents === 0;
      intent = own;
      intents += 1;
      void call.then((outcome) => {
        intents -= 1;
        own.outcome = outcome;
        if (intent !== own) own.isAlone = false;
      });
    },
    /** Records an accident that may cost the user the session, so that a check allows for it. */
    excuse: (reason) => intent?.excuses.push(reason),
    async turnClocks(ms) {
      elapsed += ms;
      await world.turnClocks(ms);
    },
    /** The device sleeps: its wall time passes, and its monotonic time does not. */
    async sleep(ms) {
      elapsed += ms;
      site.service.clock.advance(ms);
      await world.shiftWallClock(ms);
    },
    /** Sets how far the wall clock of the device is ahead of the correct time. */
    async setClockSkew(ms) {
      await world.shiftWallClock(ms - skew);
      skew = ms;
    },
    async open() {
      if (tabs.length >= 8) return;
      const options = plan.isMixed ? { storage: random.pick(STORAGES) } : {};
      await episode.start(await world.openWith(options));
    },
    /** Starts the client of a tab. Waits until it has resumed, but at most `MAX_START_MS`. */
    async start(tab) {
      const { settled } = episode.call(tab, 'resume');
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, MAX_START_MS))]);
    },
    async kill(tab) {
      if (episode.listActiveTabs().length < 2) return;
      episode.excuse('a tab was closed');
      network.offline.delete(tab.number);
      await world.remove(tab);
    },
    async reload(tab) {
      if (episode.listActiveTabs().length < 2) return;
      episode.excuse('a tab was reloaded');
      await episode.loadAgain(tab);
    },
    async loadAgain(tab) {
      obsolete.delete(tab.number);
      await episode.start(await world.reload(tab));
    },
    async freeze(tab) {
      if (name !== 'chromium' || episode.listActiveTabs().length < 2) return;
      const [front] = episode.listActiveTabs().filter((other) => other !== tab);
      const devtools = await tab.page.openDevTools();
      frozen.set(tab, devtools);
      await front.page.bringToFront();
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    },
    async thaw() {
      for (const devtools of frozen.values())
        await devtools.send('Page.setWebLifecycleState', { state: 'active' });
      frozen.clear();
    },
    async throttle(tab, rate) {
      if (name !== 'chromium') return;
      const devtools = await tab.page.openDevTools();
      await devtools.send('Emulation.setCPUThrottlingRate', { rate });
    },
    changeWeather: () => timeline.note(`weather: ${network.turn()}`),
    toggleOffline(tab) {
      const { offline } = network;
      if (offline.delete(tab.number)) return void episode.call(tab, 'wake', 'online');
      offline.add(tab.number);
      episode.call(tab, 'wake', 'offline');
    },
    async clearStorage(tab) {
      episode.excuse('storage was cleared');
      await tab.page.evaluate(clearStorage);
    },
    /** From now on, pages load a later version of the package (rule 20). */
    deploy() {
      if (site.isDeployed) return;
      site.isDeployed = true;
      for (const tab of tabs) obsolete.add(tab.number);
    },
    restartService() {
      episode.excuse('the service lost its state');
      const now = site.service.clock.now();
      site.service.reset();
      site.service.clock.set(now);
    },
    /** Ends the accidents, and reloads the obsolete tabs. */
    async calm() {
      network.calm();
      await episode.thaw();
      for (const tab of tabs) await episode.throttle(tab, 1);
      const oldTabs = tabs.filter(({ number }) => obsolete.has(number));
      // Obsolete tabs may be the only ones that hold the session: they hand it over, but a busy tab
      // may be reloaded before it has answered. If storage holds the session, a reload keeps it.
      // A logout needs no excuse: it reports no revocation while an obsolete tab holds the claim.
      const isInMemory = plan.isMixed || plan.storage === 'memory';
      if (oldTabs.length && isInMemory) episode.excuse('a tab in memory was reloaded');
      for (const tab of oldTabs) await episode.loadAgain(tab);
      episode.callAll('resume');
    },
    close: () => world.close(),
  };
  return episode;
};

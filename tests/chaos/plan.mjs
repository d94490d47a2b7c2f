// What an episode may do, and how often.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const USERS = ['ada', 'grace', 'joan'];
export const STORAGES = ['memory', 'local', 'encrypted'];
const WAKES = ['visibilitychange', 'pageshow', 'online', 'offline', 'resume'];

/**
 * Draws the properties of an episode. In a mixed one, tabs draw their own storage, as during a
 * deployment that changes it.
 */
export const drawPlan = (random) => ({
  storage: random.pick(STORAGES),
  isMixed: random.chance(0.25),
  locks: random.chance(0.8),
  tabs: random.between(4, 8),
  acts: random.between(40, 80),
});

/** Draws how long the clocks are turned. */
const drawStep = (random) =>
  random.pickWeighted([
    [40, random.between(100, 3000)],
    [30, random.between(1, 60) * 1000],
    [15, random.between(1, 120) * MINUTE_MS],
    [15, random.between(1, 480) * HOUR_MS],
  ]);

/** Draws how far the wall clock is ahead of the correct time, or behind it. */
const drawSkew = (random) => random.between(-48, 48) * HOUR_MS;

/**
 * The acts by weight. Each takes an episode and one of its active tabs.
 *
 * @type {[number, [string, Function]][]}
 */
export const ACTS = [
  [10, ['log in', (episode, tab) => episode.logIn(tab, episode.random.pick(USERS))]],
  [4, ['log out', (episode, tab) => episode.logOut(tab)]],
  [14, ['token', (episode, tab) => episode.call(tab, 'tokenOwner')]],
  [10, ['fetch', (episode, tab) => episode.call(tab, 'fetchStatus')]],
  [6, ['renew', (episode, tab) => episode.call(tab, 'renew')]],
  [4, ['token anywhere', (episode) => episode.callAll('tokenOwner')]],
  [22, ['turn', (episode) => episode.turnClocks(drawStep(episode.random))]],
  [3, ['sleep', (episode) => episode.sleep(drawStep(episode.random))]],
  [2, ['wrong clock', (episode) => episode.setClockSkew(drawSkew(episode.random))]],
  [6, ['open', (episode) => episode.open()]],
  [6, ['kill', (episode, tab) => episode.kill(tab)]],
  [5, ['reload', (episode, tab) => episode.reload(tab)]],
  [4, ['busy', (episode, tab) => episode.call(tab, 'keepBusy', episode.random.between(20, 600))]],
  [5, ['freeze', (episode, tab) => episode.freeze(tab)]],
  [6, ['thaw', (episode) => episode.thaw()]],
  [2, ['throttle', (episode, tab) => episode.throttle(tab, episode.random.pick([1, 4, 10]))]],
  [12, ['weather', (episode) => episode.changeWeather()]],
  [4, ['offline', (episode, tab) => episode.toggleOffline(tab)]],
  [4, ['wake', (episode, tab) => episode.call(tab, 'wake', episode.random.pick(WAKES))]],
  [2, ['clear storage', (episode, tab) => episode.clearStorage(tab)]],
  [1, ['restart service', (episode) => episode.restartService()]],
  [1, ['deploy', (episode) => episode.deploy()]],
];

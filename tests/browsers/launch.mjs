// Launches one of the browsers that tests drive. All have the same basic interface: a browser opens
// contexts, and a context opens pages. The pages of one context are the tabs of one user's browser.
// Two contexts share nothing.
import { launchChromium, launchFirefox } from './puppeteer.mjs';
import { launchWebKit } from './webkit.mjs';

const LAUNCHERS = { chromium: launchChromium, firefox: launchFirefox, webkit: launchWebKit };

/** Launches `chromium`, `firefox` or `webkit`. */
export const launch = (name) => {
  const start = LAUNCHERS[name];
  if (start) return start();
  throw new Error(`Unknown browser ${name}: choose one of ${Object.keys(LAUNCHERS).join(', ')}.`);
};

const LOAD_TIMEOUT_MS = 30_000;
const POLL_MS = 10;

/** Loads an address into a page, and waits until its scripts have set a global with this name. */
export const openAddress = async (page, url, global) => {
  await page.goto(url);
  await waitForGlobal(page, global);
};

/** Waits until the scripts of a page have set a global with this name. */
export const waitForGlobal = async (page, global) => {
  const end = Date.now() + LOAD_TIMEOUT_MS;
  while (!(await page.evaluate((name) => name in globalThis, global).catch(() => false))) {
    if (Date.now() > end) throw new Error(`The page did not set ${global}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

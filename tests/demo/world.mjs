// Starts the demo and a browser, and offers helpers for all checks: the actions of a user, the
// requests that the service recorded, and the tokens that the page received.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createUserActions, openBrowser } from './browser.mjs';
import { collectEvents, startDemo } from './harness.mjs';

const PAGE_TIMEOUT_MS = 15_000;
const SERVER_KEY_BYTES = 61;
const screenshots = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));

/** The requests that a sign-in sends to the service. */
export const SIGN_IN_REQUESTS = ['POST /api/v4/authentication/token', 'POST /api/v5/sessions'];

/** Starts the demo with the emulator, and opens its page. */
export async function startWorld() {
  await mkdir(screenshots, { recursive: true });
  // The test must know the key in order to search for it.
  const serverKey = randomBytes(SERVER_KEY_BYTES).toString('hex');
  const demo = startDemo([], { DEMO_EMULATOR_SERVER_KEY: serverKey });
  const address = await demo.address;
  const { apiKey, endpoint } = await (await fetch(`${address}demo/config`)).json();

  const feed = [];
  const feedAbort = new AbortController();
  collectEvents(`${address}demo/events`, feed, feedAbort.signal);

  const browser = await openBrowser();
  const { page, context } = browser;
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const responseBodies = [];
  page.on('response', (response) => {
    // An event stream never ends.
    if (!response.url().endsWith('/demo/events'))
      responseBodies.push(response.json().catch(() => null));
  });

  return {
    address,
    endpoint,
    apiKey,
    serverKey,
    demo,
    feed,
    browser,
    page,
    context,
    user: createUserActions(page),
    /** Returns the method and path of each request that the service received. */
    async readRequests() {
      const requests = await (await fetch(`${address}demo/requests`)).json();
      return requests.map(({ method, path }) => `${method} ${path}`);
    },
    /**
     * Returns the values of a field, such as `accessToken`, in all bodies that the page received.
     */
    readTokens: async (name) =>
      (await Promise.all(responseBodies)).flatMap((body) => body?.[name] ?? []),
    /** Returns whether the service accepts an access token. */
    async isValid(token) {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${endpoint}/api/v3/sessions`, { headers })).status === 200;
    },
    /** Returns all states that the page has been in since its last load, in order. */
    readSeenStates: () => page.evaluate(() => window.seenStates),
    readState: () => page.getAttribute('body', 'data-state'),
    async reload() {
      await page.reload();
      await page.waitForSelector('label.person');
    },
    /** Saves a screenshot as soon as all animations have ended. */
    async snapshot(name) {
      // `allSettled`, because `finished` rejects if the animation is cancelled.
      await page.evaluate(() =>
        Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
      );
      await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
    },
    /** Closes the browser and the feed. The demo keeps running. */
    async closeBrowser() {
      await browser.close();
      feedAbort.abort();
    },
  };
}

// Starts the demo and a browser, and offers helpers for all checks: the actions of a user, the
// requests that the service recorded, and the tokens that the page received.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openBrowser, userActions } from './browser.mjs';
import { collect, startDemo } from './harness.mjs';

const PAGE_TIMEOUT_MS = 15_000;
const SERVER_KEY_BYTES = 61;
const screenshots = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));

/** The requests of a sign-in to the service. */
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
  collect(`${address}demo/events`, feed, feedAbort.signal);

  const browser = await openBrowser();
  const { page, context } = browser;
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const bodies = [];
  page.on('response', (response) => {
    // An event stream never ends.
    if (!response.url().endsWith('/demo/events')) bodies.push(response.json().catch(() => null));
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
    user: userActions(page),
    /** Returns the requests that the service received, as methods and paths. */
    async readRequests() {
      const requests = await (await fetch(`${address}demo/requests`)).json();
      return requests.map(({ method, path }) => `${method} ${path}`);
    },
    /** Returns the values of a field in all bodies to the page, such as its tokens. */
    readTokens: async (name) =>
      (await Promise.all(bodies)).flatMap((answer) => answer?.[name] ?? []),
    /** Returns whether the service accepts an access token. */
    async isValid(token) {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${endpoint}/api/v3/sessions`, { headers })).status === 200;
    },
    /** Returns the states of the page so far. */
    readSeenStates: () => page.evaluate(() => window.seenStates),
    readState: () => page.getAttribute('body', 'data-state'),
    async reload() {
      await page.reload();
      await page.waitForSelector('label.person');
    },
    async snapshot(name) {
      // `finished` of a replaced animation rejects.
      await page.evaluate(() =>
        Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
      );
      await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
    },
    /** Closes the browser and the feed; the demo keeps running. */
    async closeBrowser() {
      await browser.close();
      feedAbort.abort();
    },
  };
}

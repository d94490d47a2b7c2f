// Opens Chromium with one page, and records the responses and the console messages. Also performs
// the actions of a user on the page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { options } from '../chromium.mjs';

const FAILED_REQUEST = 'Failed to load resource';

/**
 * Opens the browser with one page. `readReceived` returns the console messages of this page, and
 * the headers and bodies of the responses to all pages, except the bodies of event streams.
 * `problems` lists the errors and warnings of this page, except messages about failed requests.
 */
export async function openBrowser() {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const context = await chromium.launchPersistentContext(folder, {
    ...options(),
    viewport: { width: 1280, height: 860 },
  });
  const received = [];
  const problems = [];
  context.on('response', (response) => {
    received.push(response.allHeaders().then(JSON.stringify, () => ''));
    // An event stream never ends; the test reads it separately.
    if (!response.url().endsWith('/demo/events')) received.push(response.text().catch(() => ''));
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    received.push(message.text());
    // Some checks provoke failed requests, so a message about a failed request is not a problem.
    const isProblem = ['error', 'warning'].includes(message.type());
    if (isProblem && !message.text().startsWith(FAILED_REQUEST)) problems.push(message.text());
  });
  await page.addInitScript(() => {
    window.seenStates = [];
    new MutationObserver(() => {
      const state = document.body?.dataset.state;
      if (state && state !== window.seenStates.at(-1)) window.seenStates.push(state);
    }).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['data-state'],
    });
  });
  return {
    context,
    page,
    problems,
    readReceived: () => Promise.all(received),
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ROW_SELECTOR = '#lanes button, #lanes .note';

/** Returns functions that do what a user of the page does, and read what the user sees. */
export function createUserActions(page) {
  return {
    press: (action) => page.click(`[data-action="${action}"]`),
    waitForState: (state) => page.waitForSelector(`body[data-state="${state}"]`),
    waitForStatus: (text) =>
      page.waitForFunction(
        (wanted) => document.getElementById('status').textContent.includes(wanted),
        text,
      ),
    choose: (userId) => page.check(`input[value="${userId}"]`),
    waitUntilIdle: () => page.waitForFunction(() => !document.querySelector('[aria-busy]')),
    /**
     * Waits until the diagram has at least `count` rows, because the worker's rows arrive
     * separately. Returns the labels of all rows.
     */
    readRows: async (count) => {
      await page.waitForFunction(
        ([selector, wanted]) => document.querySelectorAll(selector).length >= wanted,
        [ROW_SELECTOR, count],
      );
      return page.$$eval(ROW_SELECTOR, (rows) =>
        rows.map((row) => row.getAttribute('aria-label') ?? row.textContent),
      );
    },
    /** Returns the fields of the error that the page shows. */
    readErrorFields: () =>
      page.$$eval('#error dt', (names) =>
        Object.fromEntries(
          names.map((name) => [name.textContent, name.nextElementSibling.textContent]),
        ),
      ),
    /** Returns by how many pixels the page is wider than the window. */
    measureOverflow: () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
  };
}

// Chromium with one page, and a record of everything that reaches it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { options } from '../chromium.mjs';

export async function openBrowser() {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const context = await chromium.launchPersistentContext(folder, {
    ...options(),
    viewport: { width: 1280, height: 860 },
  });
  const received = [];
  const complaints = [];
  context.on('response', (response) => {
    received.push(response.allHeaders().then(JSON.stringify, () => ''));
    // An event stream has no end to wait for; the test reads it by itself.
    if (!response.url().endsWith('/demo/events')) received.push(response.text().catch(() => ''));
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    received.push(message.text());
    // That a request was refused is what some of the checks are about.
    if (
      ['error', 'warning'].includes(message.type()) &&
      !message.text().startsWith('Failed to load resource')
    )
      complaints.push(message.text());
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
    complaints,
    received: () => Promise.all(received),
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ROWS = '#lanes button, #lanes .note';

/** What a user of the page does and sees. */
export function hands(page) {
  return {
    press: (action) => page.click(`[data-action="${action}"]`),
    state: (state) => page.waitForSelector(`body[data-state="${state}"]`),
    status: () => page.textContent('#status'),
    said: (text) =>
      page.waitForFunction(
        (wanted) => document.getElementById('status').textContent.includes(wanted),
        text,
      ),
    choose: (userId) => page.check(`input[value="${userId}"]`),
    // What the worker did comes over a stream of its own, and so maybe later than all else.
    rows: async (count) => {
      await page.waitForFunction(
        ([all, wanted]) => document.querySelectorAll(all).length >= wanted,
        [ROWS, count],
      );
      return page.$$eval(ROWS, (rows) =>
        rows.map((row) => row.getAttribute('aria-label') ?? row.textContent),
      );
    },
    receipt: () =>
      page.$$eval('#receipt dt', (names) =>
        Object.fromEntries(
          names.map((name) => [name.textContent, name.nextElementSibling.textContent]),
        ),
      ),
    overflow: () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
  };
}

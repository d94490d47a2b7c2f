// Drives Chromium over its DevTools protocol and a stock Firefox over WebDriver BiDi.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { options } from '../chromium.mjs';
import { watchOutput } from '../conformance/harness.mjs';

/**
 * A host name that Chromium and Firefox resolve to this machine. It is not a loopback name, so its
 * pages are not secure contexts.
 */
export const INSECURE_HOST = 'insecure.test';

/** Creates a page. The harness watches what the page prints and which errors it reports. */
const createPage = (page) => {
  page.on('console', (message) => watchOutput(message.text()));
  page.on('pageerror', (error) => watchOutput(String(error?.stack ?? error)));
  return wrapPage(page);
};

const wrapPage = (page) => ({
  goto: (url) => page.goto(url),
  reload: () => page.reload(),
  close: () => page.close(),
  bringToFront: () => page.bringToFront(),
  evaluate: (run, ...args) => page.evaluate(run, ...args),
  /** Opens a session of the DevTools protocol. Chromium only. */
  openDevTools: () => page.createCDPSession(),
});

const launch = async (launchOptions) => {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const browser = await puppeteer.launch({
    headless: true,
    userDataDir: folder,
    // Without a limit: the conformance suite runs in one call.
    protocolTimeout: 0,
    ...launchOptions,
  });
  return {
    async newContext() {
      const context = await browser.createBrowserContext();
      return {
        newPage: async () => createPage(await context.newPage()),
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Launches Chromium. */
export const launchChromium = () =>
  launch({ ...options(`--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`) });

/** Launches Firefox. */
export const launchFirefox = () =>
  launch({
    browser: 'firefox',
    protocol: 'webDriverBiDi',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'network.dns.localDomains': INSECURE_HOST,
      // By default, Firefox runs the timers of hidden tabs at most once a second.
      'dom.min_background_timeout_value': 4,
      'dom.timeout.enable_budget_timer_throttling': false,
    },
  });

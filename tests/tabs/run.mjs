// Real tabs: Chromium with up to ten pages of one context on one origin, through months, deaths and
// logouts.
import { conclude, runTests } from '../conformance/harness.mjs';
import { launch } from './browser.mjs';
import deaths from './deaths.mjs';
import ninetyDays from './ninety-days.mjs';
import places from './places.mjs';
import storages from './storages.mjs';
import users from './users.mjs';

/** What a test of several tabs may take: it drives a browser, on whatever machine. */
const WITHIN_MS = 300_000;
const [only] = process.argv.slice(2);

conclude(async () => {
  const browser = await launch();
  const tests = [];
  const test = (name, body) => tests.push({ name: `tabs · ${name}`, body, timeoutMs: WITHIN_MS });
  for (const define of [ninetyDays, deaths, users, storages, places]) define({ test, browser });
  try {
    return await runTests(tests.filter(({ name }) => only === undefined || name.includes(only)));
  } finally {
    await browser.close();
  }
});

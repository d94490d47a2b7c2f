// Tests SessionClient in real tabs: up to ten pages of one origin in Chromium, over months.
import { conclude, runTests } from '../conformance/harness.mjs';
import { launch } from './browser.mjs';
import deaths from './deaths.mjs';
import ninetyDays from './ninety-days.mjs';
import places from './places.mjs';
import storages from './storages.mjs';
import users from './users.mjs';

/** A test drives a browser with many tabs, possibly on a slow machine. */
const TEST_TIMEOUT_MS = 300_000;
const [only] = process.argv.slice(2);

conclude(async () => {
  const browser = await launch();
  const tests = [];
  const test = (title, body) =>
    tests.push({ name: `tabs · ${title}`, body, timeoutMs: TEST_TIMEOUT_MS });
  for (const define of [ninetyDays, deaths, users, storages, places]) define({ test, browser });
  try {
    return await runTests(tests.filter(({ name }) => only === undefined || name.includes(only)));
  } finally {
    await browser.close();
  }
});

// Tests SessionClient in real tabs: up to ten pages of one origin, over months. The first argument
// names the browser, and the second one a part of the titles of the tests to run.
import { launch } from '../browsers/launch.mjs';
import { conclude, runTests } from '../conformance/harness.mjs';
import deaths from './deaths.mjs';
import freezes from './freezes.mjs';
import ninetyDays from './ninety-days.mjs';
import places from './places.mjs';
import storages from './storages.mjs';
import users from './users.mjs';

/** A test drives a browser with many tabs, possibly on a slow machine. */
const TEST_TIMEOUT_MS = 300_000;
const [name = 'chromium', only] = process.argv.slice(2);

conclude(async () => {
  const browser = await launch(name);
  const tests = [];
  const test = (title, body) =>
    tests.push({ name: `tabs · ${name} · ${title}`, body, timeoutMs: TEST_TIMEOUT_MS });
  for (const define of [ninetyDays, deaths, freezes, users, storages, places])
    define({ test, browser, name });
  try {
    return await runTests(tests.filter((each) => only === undefined || each.name.includes(only)));
  } finally {
    await browser.close();
  }
});

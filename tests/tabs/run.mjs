// Tests SessionClient in real tabs: up to ten pages of one origin, over months. The first argument
// names the browser, and the second one is a pattern for the titles of the tests to run.
import { launch } from '../browsers/launch.mjs';
import { conclude, runTests } from '../conformance/harness.mjs';
import deaths from './deaths.mjs';
import freezes from './freezes.mjs';
import messages from './messages.mjs';
import ninetyDays from './ninety-days.mjs';
import places from './places.mjs';
import serviceWorker from './service-worker.mjs';
import storages from './storages.mjs';
import unheard from './unheard.mjs';
import users from './users.mjs';
import versions from './versions.mjs';

/** A test drives a browser with many tabs, possibly on a slow machine. */
const TEST_TIMEOUT_MS = 300_000;
/** How many tabs most tests open. */
const SIZES = { chromium: 8, firefox: 4, webkit: 4 };
const TOPICS = [deaths, users, unheard, messages, storages, versions, serviceWorker];
/** The topics that take long, or need features that only some drivers have. */
const MORE_TOPICS = { chromium: [ninetyDays, freezes, places], firefox: [places], webkit: [] };
const [name = 'chromium', only] = process.argv.slice(2);

conclude(async () => {
  const browser = Object.assign(await launch(name), { name, size: SIZES[name] });
  const tests = [];
  const test = (title, body) =>
    tests.push({ name: `tabs · ${name} · ${title}`, body, timeoutMs: TEST_TIMEOUT_MS });
  for (const define of [...TOPICS, ...MORE_TOPICS[name]]) define({ test, browser });
  try {
    return await runTests(tests.filter((each) => only === undefined || each.name.match(only)));
  } finally {
    await browser.close();
  }
});

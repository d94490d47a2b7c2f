// Fuzzes every public function in a page of the browser that the first argument names.
import { launch, openAddress } from '../browsers/launch.mjs';
import { startPackageSite } from '../browsers/package-site.mjs';
import { Violations } from './calls.mjs';
import { repeat } from './values.mjs';

const BROWSER = process.argv[2];
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** The only execution to run, to reproduce a violation. */
const ONLY = process.env.FUZZ_ONLY;
const DEFAULT_EXECUTIONS = 2_000;
/** How many executions one message to the browser starts. */
const CHUNK = 100;

const violations = new Violations(SEED, console.log);
const site = await startPackageSite('/fuzz/page.mjs');
const browser = await launch(BROWSER);
let counts = {};
try {
  const page = await (await browser.newContext()).newPage();
  await openAddress(page, site.url, 'fuzz');
  const take = (outcome) => {
    ({ counts } = outcome);
    for (const violation of outcome.violations) violations.add(...violation);
  };
  const run = async (start, count) =>
    take(await page.evaluate((part) => globalThis.fuzz.run(part), { seed: SEED, start, count }));
  if (ONLY) await run(Number(ONLY), 1);
  else
    await repeat(DEFAULT_EXECUTIONS, async (execution) => {
      if (execution % CHUNK === 0) await run(execution, CHUNK);
    });
  take(await page.evaluate((isWhole) => globalThis.fuzz.finish(isWhole), !ONLY));
} finally {
  await browser.close();
  site.close();
}
violations.conclude(counts);
process.exit(violations.count ? 1 : 0);

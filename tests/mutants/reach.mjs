// Runs all tests without a mutant. Writes how long they take, and for each mutant which tests reach
// it, how often they do, and whether its code runs when a module is imported. The arguments are the
// folder with the sources and the path of the file.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runTest, tests } from './tests.mjs';

const file = process.argv[3];
const folder = `${file}.processes`;
const stryker = globalThis.__stryker__;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
process.env.MUTANT_REACHED = folder;

const durations = [];
/** Tests that a busy machine let fail. They are left out. */
const failed = new Set();
for (const index of tests.keys()) {
  stryker.currentTestId = String(index);
  process.env.MUTANT_TEST = String(index);
  const { message, isTimeout, ms, idleMs } = await runTest(index);
  if (isTimeout) failed.add(index);
  else if (message) {
    console.error(message);
    process.exit(1);
  }
  durations.push({ ms, idleMs });
}

const { perTest, static: topLevel } = stryker.mutantCoverage;
const inProcesses = readdirSync(folder).map((name) =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')),
);
const reach = {};
const get = (id) => (reach[id] ??= { tests: new Set(), hits: 0, isTopLevel: false });
for (const [index, counts] of [perTest, ...inProcesses].flatMap(Object.entries))
  for (const [id, hits] of Object.entries(counts)) {
    if (index !== 'preparation') get(id).tests.add(Number(index));
    get(id).hits += hits;
  }
for (const id of Object.keys(topLevel)) {
  const entry = get(id);
  entry.isTopLevel = true;
  // Every test depends on this code.
  for (const index of tests.keys()) entry.tests.add(index);
}
for (const entry of Object.values(reach))
  entry.tests = [...entry.tests]
    .filter((index) => !failed.has(index))
    .sort((a, b) => durations[a].ms - durations[b].ms);
writeFileSync(file, JSON.stringify({ durations, reach }));
process.exit(0);

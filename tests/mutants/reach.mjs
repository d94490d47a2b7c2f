// Runs all tests without a mutant, in several processes. Writes how long they take, and for each
// mutant which tests reach it, how often they do, and whether its code runs when a module is
// imported. The arguments are the folder with the sources, the path of the file, and the number of
// processes. Each of them also gets its own number.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process, { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';

/** How many tests may fail, because the machine is busy. They are left out. */
const MAX_FAILURES = 10;
const [tree, file, jobs, part] = argv.slice(2);
/** For the coverage of the processes that tests start. */
const folder = `${file}.processes`;
const getPath = (number) => `${file}.${number}`;
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const runPart = async () => {
  const { runTest, tests } = await import('./tests.mjs');
  const stryker = globalThis.__stryker__;
  env.MUTANT_REACHED = folder;
  const durations = {};
  for (let index = Number(part); index < tests.length; index += Number(jobs)) {
    stryker.currentTestId = String(index);
    env.MUTANT_TEST = String(index);
    const { message, ms, idleMs } = await runTest(index);
    if (message) console.error(message);
    else durations[index] = { ms, idleMs };
  }
  const { perTest, static: topLevel } = stryker.mutantCoverage;
  const topics = tests.map(({ name }) => name.split(' · ')[0]);
  writeFileSync(getPath(part), JSON.stringify({ topics, durations, perTest, topLevel }));
};

const merge = (parts) => {
  const durations = Object.assign({}, ...parts.map((each) => each.durations));
  const indices = Object.keys(durations).map(Number);
  const failures = parts[0].topics.length - indices.length;
  if (failures > MAX_FAILURES) throw new Error(`${failures} tests fail without a mutant.`);
  const inProcesses = readdirSync(folder).map((name) => readJson(join(folder, name)));
  const reach = {};
  const get = (id) => (reach[id] ??= { tests: new Set(), hits: 0, isTopLevel: false });
  const all = [...parts.map(({ perTest }) => perTest), ...inProcesses];
  for (const [index, counts] of all.flatMap(Object.entries))
    for (const [id, hits] of Object.entries(counts)) {
      if (durations[index]) get(id).tests.add(Number(index));
      get(id).hits += hits;
    }
  for (const id of Object.keys(parts[0].topLevel)) {
    const entry = get(id);
    entry.isTopLevel = true;
    for (const index of indices) entry.tests.add(index); // Every test depends on this code.
  }
  for (const entry of Object.values(reach))
    entry.tests = [...entry.tests].sort((a, b) => durations[a].ms - durations[b].ms);
  return { topics: parts[0].topics, durations, reach };
};

const startPart = (number) =>
  new Promise((resolve, reject) => {
    const args = [fileURLToPath(import.meta.url), tree, file, jobs, number];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
  });

if (part === undefined) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: Number(jobs) }, (_, number) => String(number));
  await Promise.all(numbers.map(startPart));
  writeFileSync(file, JSON.stringify(merge(numbers.map((number) => readJson(getPath(number))))));
} else {
  await runPart();
}
process.exit(0);

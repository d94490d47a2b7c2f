// Runs tests of the conformance suite on a package whose mutants have switches.
//
//   node run.mjs <tree> reach <file>         runs all tests without a mutant, and writes the tests
//                                            that reach each mutant
//   node run.mjs <tree> mutant <file> <id>   runs the tests that reach a mutant, up to the first
//                                            failure
//   node run.mjs <tree> test <file> <index>  runs one test without a mutant
//
// The limits of the harness count real time, which passes while other programs use the machine. So
// this script also counts what passes only here: the time in which this process waits for an event,
// and how often it runs the changed code.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { setInterval, clearInterval, performance } = globalThis; // Tests replace globals.
const SURVIVED = 0;
const KILLED = 1;
const TIMED_OUT = 3;
const ENDLESS = 4;

/** How long a test may wait for events, at least and compared with a run without a mutant. */
const MIN_IDLE_MS = 5_000;
const MAX_IDLE_FACTOR = 50;
/** How often the changed code may run, at least and compared with a run without a mutant. */
const MIN_HITS = 100_000;
const MAX_HITS_FACTOR = 100;
const CHECK_INTERVAL_MS = 100;
const MAX_TIMEOUTS = 2;
/** How long the tests of a mutant may take without it. The slowest are left out. */
const MAX_TESTS_MS = 10_000;
const ENDLESS_MESSAGE = 'waits for an event that never comes';
/** The messages of the limits that count real time. */
const REAL_TIME_LIMIT = /did not settle|timed out waiting/;

const [tree, mode, file, choice] = process.argv.slice(2);
const stryker = globalThis.__stryker__;
const importFrom = (path) => import(pathToFileURL(join(tree, path)));
const { runTests } = await importFrom('tests/conformance/harness.mjs');
const { prepareTests } = await importFrom('tests/conformance/node-tests.mjs');
// The preparation runs before every test, so no test needs to repeat what it reaches.
stryker.currentTestId = 'preparation';
const { tests } = await prepareTests();

/** Runs one test, which fails if it waits for events for longer than `maxIdleMs`. */
const runTest = async ({ name, body, timeoutMs }, maxIdleMs) => {
  const start = performance.eventLoopUtilization();
  const measureIdle = () => performance.eventLoopUtilization(start).idle;
  const startMs = performance.now();
  const withLimit = async () => {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setInterval(() => {
        if (measureIdle() > maxIdleMs) reject(new Error(ENDLESS_MESSAGE));
      }, CHECK_INTERVAL_MS);
    });
    try {
      await Promise.race([body(), limit]);
    } finally {
      clearInterval(timer);
    }
  };
  const { failures } = await runTests([{ name, body: withLimit, timeoutMs }]);
  return { failures, idleMs: measureIdle(), ms: performance.now() - startMs };
};

let timeouts = 0;
/**
 * Prints a failure, and ends the process. A failure by a limit that counts real time proves
 * nothing, so the process continues with the other tests, up to `MAX_TIMEOUTS`.
 */
const conclude = (index, failures) => {
  const message = failures.map((failure) => `${failure.name}: ${failure.message}`).join('; ');
  const isEndless = stryker.hitCount > stryker.hitLimit || message.includes(ENDLESS_MESSAGE);
  console.log(JSON.stringify({ index, message }));
  if (isEndless) process.exit(ENDLESS);
  if (!REAL_TIME_LIMIT.test(message)) process.exit(KILLED);
  timeouts += 1;
  if (timeouts >= MAX_TIMEOUTS) process.exit(TIMED_OUT);
};

/** Runs all tests, and writes what they reach and how long they take. */
const writeReach = async () => {
  const folder = `${file}.processes`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.env.MUTANT_REACHED = folder;
  const durations = [];
  for (const [index, test] of tests.entries()) {
    stryker.currentTestId = String(index);
    process.env.MUTANT_TEST = String(index);
    const { failures, ...duration } = await runTest(test, Infinity);
    if (failures.length) conclude(index, failures);
    durations.push(duration);
  }
  const { perTest, static: topLevel } = stryker.mutantCoverage;
  const inProcesses = readdirSync(folder).map((name) =>
    JSON.parse(readFileSync(join(folder, name), 'utf8')),
  );
  const reach = {};
  const get = (id) => (reach[id] ??= { tests: new Set(), hits: 0 });
  for (const [index, counts] of [perTest, ...inProcesses].flatMap(Object.entries))
    for (const [id, hits] of Object.entries(counts)) {
      if (index !== 'preparation') get(id).tests.add(Number(index));
      get(id).hits += hits;
    }
  // Every test depends on the code that runs when a module is imported.
  for (const id of Object.keys(topLevel))
    for (const index of tests.keys()) get(id).tests.add(index);
  for (const entry of Object.values(reach))
    entry.tests = [...entry.tests].sort((a, b) => durations[a].ms - durations[b].ms);
  writeFileSync(file, JSON.stringify({ durations, reach }));
};

const { durations, reach } = mode === 'reach' ? {} : JSON.parse(readFileSync(file, 'utf8'));
const runWithLimit = async (index) => {
  const maxIdleMs = Math.max(MIN_IDLE_MS, durations[index].idleMs * MAX_IDLE_FACTOR);
  const { failures } = await runTest(tests[index], maxIdleMs);
  if (failures.length) conclude(index, failures);
};

if (mode === 'reach') await writeReach();
if (mode === 'test') await runWithLimit(Number(choice));
if (mode === 'mutant') {
  const { tests: indices = [], hits = 0 } = reach[choice] ?? {};
  stryker.hitCount = 0;
  stryker.hitLimit = Math.max(MIN_HITS, hits * MAX_HITS_FACTOR);
  // Start with the tests that killed most of the other mutants in the file.
  const killers = JSON.parse(process.env.MUTANT_KILLERS || '[]');
  let ms = 0;
  for (const index of new Set([...killers.filter((it) => indices.includes(it)), ...indices])) {
    ms += durations[index].ms;
    if (ms > MAX_TESTS_MS) break;
    await runWithLimit(index);
  }
}
process.exit(timeouts ? TIMED_OUT : SURVIVED);

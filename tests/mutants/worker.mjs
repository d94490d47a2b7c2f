// Tests one mutant after the other, in a process that the pool has started. A failure counts only
// if it is repeatable: the test fails with the mutant, passes without it, and fails with it again.
import process from 'node:process';
import { runTest } from './tests.mjs';

/** How long a test may wait for events, at least and compared with a run without a mutant. */
const MIN_IDLE_MS = 2_000;
const MAX_IDLE_FACTOR = 50;
/** How many tests of a mutant may fail by a limit. Such a failure does not count. */
const MAX_TIMEOUTS = 2;

const stryker = globalThis.__stryker__;
/** The mutant of code that runs on import. It stays active. */
const fixedMutant = process.env.MUTANT;

const choose = (mutant) => {
  stryker.activeMutant = mutant;
  process.env.MUTANT = mutant; // For the processes that a test starts.
};

/** Runs a test with a mutant, or with `''` for the unchanged code. */
const runWith = async (mutant, { index, idleMs }, maxHits) => {
  choose(mutant);
  stryker.hitCount = 0;
  stryker.hitLimit = maxHits;
  const result = await runTest(index, Math.max(MIN_IDLE_MS, idleMs * MAX_IDLE_FACTOR));
  if (mutant && stryker.hitCount > maxHits) result.isTimeout = true;
  choose(fixedMutant);
  return result;
};

/**
 * Returns the fate of a mutant, or `unclear` if a failure is not repeatable, which may be due to
 * what earlier mutants left behind in this process.
 */
const testMutant = async ({ mutant, tests, maxHits }) => {
  let timeouts = 0;
  for (const test of tests) {
    const { message, isTimeout } = await runWith(mutant, test, maxHits);
    if (!message) continue;
    const failure = { index: test.index, message };
    if (isTimeout) {
      timeouts += 1;
      if (timeouts >= MAX_TIMEOUTS) break;
      continue;
    }
    const unchanged = fixedMutant ? {} : await runWith('', test, maxHits);
    if (unchanged.message) return { fate: 'unclear', ...failure };
    const { message: repeated } = await runWith(mutant, test, maxHits);
    return { fate: repeated ? 'caught' : 'unclear', ...failure };
  }
  return { fate: timeouts ? 'timeout' : 'missed' };
};

process.on('disconnect', () => process.exit()); // The pool has ended.
process.on('message', async (job) => process.send(await testMutant(job)));
process.send('ready');

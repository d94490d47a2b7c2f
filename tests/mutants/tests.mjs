// Prepares the tests of the conformance suite that run in Node, and runs one at a time. The first
// argument of the process is the folder with the sources and the package whose mutants have
// switches.
//
// The limits of the harness count real time, which passes while other programs use the machine. So
// a test here also has limits for what passes only in this process: the time in which it waits for
// an event, and how often it runs the changed code.
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { setInterval, clearInterval, performance, __stryker__: stryker } = globalThis;
const CHECK_INTERVAL_MS = 50;
/** Replaces the timeouts of the tests, which a busy machine exceeds. */
const TIMEOUT_MS = 3_600_000;
const ENDLESS_MESSAGE = 'waits for an event that never comes';
/** The message of the limit of `waitUntil`, which counts real time. */
const REAL_TIME_LIMIT = /timed out waiting/;

const importFrom = (path) => import(pathToFileURL(join(process.argv[2], path)));
const { runTests } = await importFrom('tests/conformance/harness.mjs');
const { prepareTests } = await importFrom('tests/conformance/node-tests.mjs');

// The preparation runs before every test, so no test needs to repeat what it reaches.
stryker.currentTestId = 'preparation';
export const { tests } = await prepareTests();

/** Returns a promise that rejects after the process has waited for events for `maxIdleMs`. */
const createIdleLimit = (measureIdle, maxIdleMs) => {
  let timer;
  const exceeded = new Promise((_, reject) => {
    timer = setInterval(() => {
      if (measureIdle() > maxIdleMs) reject(new Error(ENDLESS_MESSAGE));
    }, CHECK_INTERVAL_MS);
  });
  return { exceeded, stop: () => clearInterval(timer) };
};

/**
 * Runs a test, which fails if it waits for events for longer than `maxIdleMs`. Returns its failure,
 * if any, and how long it took: the time of the processor, and the time in which it waited.
 */
export const runTest = async (index, maxIdleMs = Infinity) => {
  const { name, body } = tests[index];
  const start = performance.eventLoopUtilization();
  const startUsage = process.cpuUsage();
  const measureIdle = () => performance.eventLoopUtilization(start).idle;
  const limit = createIdleLimit(measureIdle, maxIdleMs);
  const withLimit = () => Promise.race([body(), limit.exceeded]);
  const { failures } = await runTests([{ name, body: withLimit, timeoutMs: TIMEOUT_MS }]);
  limit.stop();
  const message = failures.map((failure) => `${failure.name}: ${failure.message}`).join('; ');
  const { user, system } = process.cpuUsage(startUsage);
  const idleMs = measureIdle();
  return {
    message,
    isTimeout: message.includes(ENDLESS_MESSAGE) || REAL_TIME_LIMIT.test(message),
    idleMs,
    ms: idleMs + (user + system) / 1_000,
  };
};

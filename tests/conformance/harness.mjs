// A small test harness for every engine. Tests register their secrets, and the harness redacts them
// in every message. It also watches the console: a run fails if a line that was printed during it
// contains a secret.
const { setTimeout, clearTimeout } = globalThis; // Tests replace the globals with stubs.
const MAX_WAIT_MS = 20_000;
const DEFAULT_TEST_TIMEOUT_MS = 30_000;
const secrets = new Set();

/**
 * Registers a secret and returns it. From then on, the harness redacts the secret in messages, and
 * `containsSecret` recognises it.
 */
export const registerSecret = (text) => {
  secrets.add(text);
  return text;
};

const redact = (text) =>
  [...secrets].reduce((result, each) => result.replaceAll(each, '«secret»'), text);

const describe = (value) => {
  if (value instanceof Error) return `${value.kind ?? value.name}: ${value.message}`;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
};
const show = (value) => redact(describe(value)).slice(0, 300);

/**
 * Prepares a value for comparison as JSON text: sorts keys, drops undefined properties, and turns
 * other values that are undefined, big integers and non-finite numbers into text.
 */
const canonicalize = (value) => {
  if (Array.isArray(value)) return value.map(canonicalize);
  if (
    value === undefined ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && !Number.isFinite(value))
  )
    return `${typeof value} ${value}`;
  if (value === null || typeof value !== 'object' || typeof value.toJSON === 'function')
    return value;
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => [key, canonicalize(value[key])]),
  );
};

/** Throws an assertion error. */
export const fail = (message) => {
  throw new Error(redact(message));
};

/** Asserts that `condition` is truthy. `message` describes the failure. */
export const ok = (condition, message) => {
  if (!condition) fail(message);
};

/** Asserts that two values are identical or, for objects and arrays, equal in content. */
export const equal = (actual, expected, what = 'value') => {
  const same =
    typeof expected === 'object' && expected !== null
      ? JSON.stringify(canonicalize(actual)) === JSON.stringify(canonicalize(expected))
      : Object.is(actual, expected);
  if (!same) fail(`${what}: got ${show(actual)}, expected ${show(expected)}`);
};

/** Asserts that `text` is a string that matches `pattern`. */
export const match = (text, pattern, what = 'text') => {
  if (typeof text !== 'string' || !pattern.test(text))
    fail(`${what}: ${show(text)} does not match ${pattern}`);
};

/** Returns whether `text` contains a registered secret. */
export const containsSecret = (text) => redact(text) !== text;

/** The forms that a secret has in these tests: a JWT, a server key, a bearer header, a canary. */
const SECRET_FORMS = /eyJ[\w-]{8,}\.[\w-]{8,}\.|[0-9a-f]{100}|Bearer [\w.~+/-]{16}|never-print/;
let outputs = [];

/** Records a text that was printed. The run fails if the text contains a secret. */
export const watchOutput = (text) => void outputs.push(text);

for (const method of ['debug', 'error', 'info', 'log', 'trace', 'warn']) {
  const print = console[method];
  console[method] = (...values) => {
    for (const value of values)
      watchOutput(typeof value === 'string' ? value : `${describe(value)} ${value?.stack ?? ''}`);
    print.apply(console, values);
  };
}

/** Returns a failure if a recorded text contains a secret. Forgets the recorded texts. */
const takeLeaks = () => {
  const leaks = outputs.filter((text) => SECRET_FORMS.test(text) || containsSecret(text));
  outputs = [];
  if (leaks.length === 0) return [];
  return [{ name: 'the output of the run', message: `${leaks.length} lines contain a secret` }];
};

/**
 * Returns the outcome of an asynchronous call as `{ value }` or `{ error }`. Fails if the call
 * throws synchronously or returns something other than a promise.
 */
export const getOutcome = async (call) => {
  let promise;
  try {
    promise = call();
  } catch (error) {
    fail(`threw instead of rejecting: ${show(error)}`);
  }
  if (typeof promise?.then !== 'function') fail(`returned ${show(promise)} instead of a promise`);
  return promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
};

/**
 * Waits for one turn of the event loop. Engines report unhandled rejections before the turn ends.
 */
export const waitOneTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Waits until `condition()` is true, and checks it once per turn. Fails after `MAX_WAIT_MS`, which
 * is less than the default timeout of a test, so that the loop ends even if the condition stays
 * false.
 */
export const waitUntil = async (condition, what) => {
  const deadline = Date.now() + MAX_WAIT_MS;
  while (!condition()) {
    if (Date.now() > deadline) fail(`timed out waiting for ${what}`);
    await waitOneTurn();
  }
};

/** Replaces `object[name]` with `value` while `body` runs. */
export const withReplaced = async (object, name, value, body) => {
  const before = Object.getOwnPropertyDescriptor(object, name);
  // Some globals of Vercel's edge runtime can be assigned but not redefined.
  const isAssignOnly = before?.configurable === false;
  if (isAssignOnly) object[name] = value;
  else
    Object.defineProperty(object, name, {
      value,
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? true,
    });
  try {
    return await body();
  } finally {
    if (isAssignOnly) object[name] = before.value;
    else if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  }
};

const unhandledRejections = [];
const recordRejection = (reason) => unhandledRejections.push(show(reason));
if (typeof globalThis.process?.on === 'function')
  globalThis.process.on('unhandledRejection', recordRejection);
else globalThis.addEventListener?.('unhandledrejection', (event) => recordRejection(event.reason));

const runWithTimeout = async (body, timeoutMs) => {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(reject, timeoutMs, new Error(`did not settle within ${timeoutMs} ms`));
  });
  try {
    await Promise.race([body(), timeout]);
  } finally {
    clearTimeout(timer);
  }
  await waitOneTurn();
  if (unhandledRejections.length)
    fail(`unhandled rejection: ${unhandledRejections.splice(0).join('; ')}`);
};

/**
 * Runs the tests one after the other and returns the results as plain data. A test that needs more
 * than the default time, for example because it starts a program, sets `timeoutMs`.
 */
export const runTests = async (tests) => {
  const failures = [];
  for (const { name, body, timeoutMs = DEFAULT_TEST_TIMEOUT_MS } of tests) {
    try {
      await runWithTimeout(body, timeoutMs);
    } catch (error) {
      failures.push({ name: redact(name), message: show(error) });
    }
  }
  return { passed: tests.length - failures.length, failures: [...failures, ...takeLeaks()] };
};

/** Prints the results of a run and returns its exit code, which is 1 also if no test passed. */
const report = ({ passed, failures }, print = console.log) => {
  for (const { name, message } of failures) print(`FAIL ${name}: ${message}`);
  print(`${passed} passed, ${failures.length} failed`);
  return failures.length || !passed ? 1 : 0;
};

/** Combines several results into one. */
export const mergeResults = (...all) => ({
  passed: all.reduce((sum, { passed }) => sum + passed, 0),
  failures: all.flatMap(({ failures }) => failures),
});

/**
 * Runs `body` on Node, prints its results or the error that it threw, and exits. It exits even if
 * timers or sockets are open: a separate test checks that a process ends without `process.exit`.
 */
export const conclude = async (body) => {
  const results = await body().catch((error) => ({
    passed: 0,
    failures: [{ name: 'the runner', message: show(error) }],
  }));
  process.exit(report(results));
};

// The smallest harness that runs in Node, workerd and a browser alike. Nothing that it prints holds
// a secret that a test has named.
const { setTimeout, clearTimeout } = globalThis; // kept here because tests put stubs in their place
const secrets = new Set();

/** Names a secret: from now on it is kept out of messages, and `spills` finds it. */
export const secret = (text) => {
  secrets.add(text);
  return text;
};

const redacted = (text) =>
  [...secrets].reduce((rest, one) => rest.replaceAll(one, '«secret»'), text);

const plain = (value) => {
  if (value instanceof Error) return `${value.kind ?? value.name}: ${value.message}`;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
};
const show = (value) => redacted(plain(value)).slice(0, 300);

/**
 * Keys in one order and without those that are undefined, and what JSON has no word for by name, so
 * that two values can be compared as text.
 */
const canonical = (value) => {
  if (Array.isArray(value)) return value.map(canonical);
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
      .map((key) => [key, canonical(value[key])]),
  );
};

export const fail = (message) => {
  throw new Error(redacted(message));
};
export const ok = (condition, what) => {
  if (!condition) fail(what);
};
export const equal = (actual, expected, what) => {
  const same =
    typeof expected === 'object' && expected !== null
      ? JSON.stringify(canonical(actual)) === JSON.stringify(canonical(expected))
      : Object.is(actual, expected);
  if (!same) fail(`${what}: got ${show(actual)}, wanted ${show(expected)}`);
};
export const match = (text, pattern, what) => {
  if (typeof text !== 'string' || !pattern.test(text))
    fail(`${what}: ${show(text)} does not match ${pattern}`);
};

/** Whether a text holds a secret that a test has named. */
export const spills = (text) => redacted(text) !== text;

/**
 * What a promise comes to. Fails if the call throws instead of rejecting, or returns no promise.
 */
export const settled = async (call) => {
  let promise;
  try {
    promise = call();
  } catch (error) {
    fail(`threw instead of rejecting: ${show(error)}`);
  }
  if (typeof promise?.then !== 'function') fail(`returned ${show(promise)}, which is no promise`);
  return promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
};

/**
 * One turn of the event loop: by then an engine has reported the rejections that nobody handles.
 */
export const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Waits for `condition`, turn by turn, and gives up before the test's own time does, so that
 * nothing spins on after it.
 */
export const until = async (condition, what) => {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) fail(`waited in vain for ${what}`);
    await turn();
  }
};

/** Puts `value` in the place of `object[name]` while `body` runs. */
export const replaced = async (object, name, value, body) => {
  const before = Object.getOwnPropertyDescriptor(object, name);
  // Vercel's edge runtime has globals that can be set but not defined anew.
  const isFixed = before?.configurable === false;
  if (isFixed) object[name] = value;
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
    if (isFixed) object[name] = before.value;
    else if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  }
};

const unhandled = [];
const note = (reason) => unhandled.push(show(reason));
if (typeof globalThis.process?.on === 'function') globalThis.process.on('unhandledRejection', note);
else globalThis.addEventListener?.('unhandledrejection', (event) => note(event.reason));

const timed = async (body, withinMs) => {
  let timer;
  const late = new Promise(
    (_, reject) => (timer = setTimeout(reject, withinMs, new Error('did not settle'))),
  );
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
  await turn();
  if (unhandled.length) fail(`unhandled rejection: ${unhandled.splice(0).join('; ')}`);
};

/**
 * Runs the tests one after the other and says what came of them, as plain data. `withinMs` is what
 * one that starts a program may take.
 */
export const runTests = async (tests) => {
  const failures = [];
  for (const { name, body, withinMs = 30_000 } of tests) {
    try {
      await timed(body, withinMs);
    } catch (error) {
      failures.push({ name: redacted(name), message: show(error) });
    }
  }
  return { passed: tests.length - failures.length, failures };
};

/** What every run prints, and its exit code: a run of nothing is a failure. */
const report = ({ passed, failures }, print = console.log) => {
  for (const { name, message } of failures) print(`FAIL ${name}: ${message}`);
  print(`${passed} passed, ${failures.length} failed`);
  return failures.length || !passed ? 1 : 0;
};

/** Several results as one. */
export const joined = (...all) => ({
  passed: all.reduce((sum, { passed }) => sum + passed, 0),
  failures: all.flatMap(({ failures }) => failures),
});

/**
 * What a runner on Node does with its results, or with what kept it from having any. Ends the
 * process, even if something was left running: a test says so.
 */
export const conclude = async (body) => {
  const results = await body().catch((error) => ({
    passed: 0,
    failures: [{ name: 'the run itself', message: show(error) }],
  }));
  process.exit(report(results));
};

// Makes a million calls, and then creates, signs in and closes ten thousand clients. Every call
// must settle. Neither linear memory, the reference table nor the number of handles that keep a
// process alive may grow after the first tenth of the calls, or after the first tenth of the
// clients. The JavaScript heap may grow by `HEAP_TOLERANCE`.
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { load } from './package.mjs';
import { fetchPlatformStub, options, request } from './stub.mjs';

/** @param {string} value */
const createStringOption = (value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: { calls: createStringOption('1000000'), clients: createStringOption('10000') },
});
const calls = Number(values.calls);
const clients = Number(values.clients);
const MIN_COUNT = 1000;
if (!(calls >= MIN_COUNT && clients >= MIN_COUNT))
  throw new Error(`--calls and --clients must be numbers of at least ${MIN_COUNT}.`);

/**
 * How many bytes the heap may grow after the first tenth. In a million calls, a leak of this size
 * would be about half a byte per call.
 */
const HEAP_TOLERANCE = 512 * 1024;
const CONCURRENCY = 100;
// Objects with a finalizer are freed only after several collections and turns of the event loop.
const COLLECTIONS = 10;

// The package does not expose its wasm module, so this script takes the module's exports when the
// package instantiates it.
/** @type {WebAssembly.Exports} */
let wasm = {};
const instantiate = /** @type {(...args: unknown[]) => Promise<any>} */ (WebAssembly.instantiate);
/** @param {unknown[]} args */
const observedInstantiate = async (...args) => {
  const result = await instantiate(...args);
  wasm = (result.instance ?? result).exports;
  return result;
};
Object.assign(WebAssembly, { instantiate: observedInstantiate });
const { createSession, SessionClient, SocialPlusError } = await load();

/** @import { ServiceOptions, SessionStorage } from 'social-plus-auth' */
/** @typedef {{ expected?: string, call: () => Promise<unknown> }} Scenario */

const unauthorizedBody = JSON.stringify({ status: 'error', code: 400100, message: 'Unauthorized' });
/** @type {ServiceOptions} */
const goodOptions = { ...options, fetch: fetchPlatformStub, onEvent() {} };
const abortedSignal = AbortSignal.abort();
const neverAbortedSignal = new AbortController().signal;
setMaxListeners(CONCURRENCY, neverAbortedSignal);
// Most of these calls succeed. Each of the other calls fails in a different part of the code.
/** @type {Scenario[]} */
const scenarios = [
  { call: () => createSession(goodOptions, request) },
  { call: () => createSession(goodOptions, { ...request, signal: neverAbortedSignal }) },
  { call: () => createSession(goodOptions, request) },
  {
    expected: 'unauthorized',
    call: () =>
      createSession(
        { ...goodOptions, fetch: async () => new Response(unauthorizedBody, { status: 401 }) },
        request,
      ),
  },
  { call: () => createSession(goodOptions, request) },
  {
    expected: 'network',
    call: () =>
      createSession({ ...goodOptions, retry: false, fetch: () => Promise.reject('down') }, request),
  },
  { call: () => createSession(goodOptions, request) },
  {
    expected: 'aborted',
    call: () => createSession(goodOptions, { ...request, signal: abortedSignal }),
  },
  { call: () => createSession(goodOptions, request) },
  {
    expected: 'invalidRequest',
    call: () => createSession(goodOptions, { ...request, userId: '' }),
  },
];

/** @param {unknown} error */
const getKind = (error) => (SocialPlusError.is(error) ? error.kind : String(error));
let settled = 0;
/** @param {Scenario} scenario */
async function makeCall({ expected, call }) {
  const outcome = await call().then(() => undefined, getKind);
  if (outcome !== expected)
    throw new Error(
      `A call ended with ${outcome ?? 'success'}, not with ${expected ?? 'success'}.`,
    );
  settled += 1;
}

// Some clients have a namespace or an app's own storage: neither the data that the clients of a
// namespace share nor the storage may retain a closed client.
/** @type {Map<string, string>} */
const items = new Map();
/** @type {SessionStorage} */
const storage = {
  getItem: (key) => items.get(key) ?? null,
  setItem: (key, value) => void items.set(key, value),
  removeItem: (key) => void items.delete(key),
};
let created = 0;
const variants = [{}, { namespace: 'soak' }, { storage }, { namespace: 'soak', storage }];
const clientCalls = variants.map((variant) => async () => {
  created += 1;
  const client = new SessionClient({ ...goodOptions, ...variant });
  client.addEventListener('statechange', () => {});
  const states = client.states();
  await client.login({ userId: request.userId });
  await Promise.all([client.accessToken(), client.accessToken(), states.next()]);
  if (created % 3 === 0) await client.logout();
  await client.close();
});

/**
 * Makes `count` calls, up to `CONCURRENCY` at a time, and cycles through the scenarios.
 *
 * @param {Scenario[]} scenarios
 * @param {number} count
 */
async function makeCalls(scenarios, count) {
  for (let done = 0; done < count; done += CONCURRENCY) {
    const rest = Math.min(CONCURRENCY, count - done);
    const batch = Array.from({ length: rest }, (_, i) => scenarios[(done + i) % scenarios.length]);
    await Promise.all(batch.map((scenario) => scenario && makeCall(scenario)));
  }
}

/** Collects garbage, then prints and returns the sizes that must not grow. */
async function measure() {
  for (let i = 0; i < COLLECTIONS; i += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const tables = Object.values(wasm).filter((value) => value instanceof WebAssembly.Table);
  const references = tables.reduce((sum, table) => sum + table.length, 0);
  const handles = process.getActiveResourcesInfo().length;
  const memory = /** @type {WebAssembly.Memory} */ (wasm.memory).buffer.byteLength;
  const sizes = { memory, heap: process.memoryUsage().heapUsed, references, handles };
  const text = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  console.log(`after ${String(settled).padEnd(10)}${text.join('   ')}`);
  return sizes;
}

// If a call never settles, Node has nothing left to do and exits. This listener prints the reason.
process.on('exit', () => {
  if (settled === calls + clients) return;
  console.log(`Only ${settled} of ${calls} calls and ${clients} clients settled.`);
  process.exitCode = 1;
});

/**
 * Makes the calls in parts of a tenth each, and prints what has grown since the first part. Sets
 * the exit code to 1 if anything has grown.
 *
 * @param {string} noun
 * @param {Scenario[]} scenarios
 * @param {number} count
 */
async function soak(noun, scenarios, count) {
  console.log(`${count} ${noun}`);
  const start = settled;
  const tenth = Math.floor(count / 10);
  await makeCalls(scenarios, tenth);
  const before = await measure();
  let after = before;
  while (settled < start + count) {
    await makeCalls(scenarios, Math.min(tenth, start + count - settled));
    after = await measure();
  }
  /** @type {string[]} */
  const grown = [];
  if (after.memory > before.memory) grown.push('linear memory');
  if (after.references > before.references) grown.push('the reference table');
  if (after.handles > before.handles) grown.push('handles');
  if (after.heap > before.heap + HEAP_TOLERANCE) grown.push('the JavaScript heap');
  if (grown.length > 0) process.exitCode = 1;
  console.log(
    grown.length > 0
      ? `These have grown: ${grown.join(', ')}.`
      : `Nothing has grown, and all ${count} ${noun} have settled.`,
  );
}

await soak('calls', scenarios, calls);
const clientScenarios = clientCalls.map((call) => ({ call }));
await soak('clients', clientScenarios, clients);

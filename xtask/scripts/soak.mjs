// Makes a million calls, then creates, signs in and closes ten thousand clients. Linear memory, the
// JavaScript heap, the reference table and the handles that keep a process alive must not be larger
// at the end than after the first tenth, and every call must settle.
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { load } from './package.mjs';
import { fetchWithPlatform, options, request } from './stub.mjs';

/** @param {string} value */
const text = (value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({ options: { calls: text('1000000'), clients: text('10000') } });
const calls = Number(values.calls);
const clients = Number(values.clients);
const MIN_COUNT = 1000;
if (!(calls >= MIN_COUNT && clients >= MIN_COUNT))
  throw new Error(`--calls and --clients must be numbers of at least ${MIN_COUNT}.`);

/**
 * How much the heap after one collection may differ from the heap after another. If it were a leak,
 * it would be half a byte per call.
 */
const HEAP_TOLERANCE = 512 * 1024;
const CONCURRENCY = 100;
// Objects with a finalizer need several collections and turns of the event loop.
const COLLECTIONS = 10;

// The package does not expose its module, so the exports are taken when it is instantiated.
/** @type {WebAssembly.Exports} */
let wasm = {};
const instantiate = /** @type {(...given: unknown[]) => Promise<any>} */ (WebAssembly.instantiate);
/** @param {unknown[]} given */
const observedInstantiate = async (...given) => {
  const result = await instantiate(...given);
  wasm = (result.instance ?? result).exports;
  return result;
};
Object.assign(WebAssembly, { instantiate: observedInstantiate });
const { createSession, SessionClient, SocialPlusError } = await load();

/** @import { ServiceOptions, SessionStorage } from 'social-plus-auth' */
/** @typedef {{ expected?: string, call: () => Promise<unknown> }} Way */

const refused = JSON.stringify({ status: 'error', code: 400100, message: 'Unauthorized' });
/** @type {ServiceOptions} */
const good = { ...options, fetch: fetchWithPlatform, onEvent() {} };
const aborted = AbortSignal.abort();
const never = new AbortController().signal;
setMaxListeners(CONCURRENCY, never);
// Most calls succeed. Each of the others fails in another part of the code.
/** @type {Way[]} */
const ways = [
  { call: () => createSession(good, request) },
  { call: () => createSession(good, { ...request, signal: never }) },
  { call: () => createSession(good, request) },
  {
    expected: 'unauthorized',
    call: () =>
      createSession(
        { ...good, fetch: async () => new Response(refused, { status: 401 }) },
        request,
      ),
  },
  { call: () => createSession(good, request) },
  {
    expected: 'network',
    call: () =>
      createSession({ ...good, retry: false, fetch: () => Promise.reject('down') }, request),
  },
  { call: () => createSession(good, request) },
  { expected: 'aborted', call: () => createSession(good, { ...request, signal: aborted }) },
  { call: () => createSession(good, request) },
  { expected: 'invalidRequest', call: () => createSession(good, { ...request, userId: '' }) },
];

/** @param {unknown} error */
const kindOf = (error) => (SocialPlusError.is(error) ? error.kind : String(error));
let settled = 0;
/** @param {Way} way */
async function makeCall({ expected, call }) {
  const outcome = await call().then(() => undefined, kindOf);
  if (outcome !== expected)
    throw new Error(
      `A call ended with ${outcome ?? 'success'}, not with ${expected ?? 'success'}.`,
    );
  settled += 1;
}

// Neither an app's own storage nor the data that clients of one namespace share may keep anything
// of a closed client.
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
const clientWays = variants.map((variant) => async () => {
  created += 1;
  const client = new SessionClient({ ...good, ...variant });
  client.addEventListener('statechange', () => {});
  const states = client.states();
  await client.login({ userId: request.userId });
  await Promise.all([client.accessToken(), client.accessToken(), states.next()]);
  if (created % 3 === 0) await client.logout();
  await client.close();
});

/**
 * Makes `count` calls, several at a time, going through the ways in turn.
 *
 * @param {Way[]} ways
 * @param {number} count
 */
async function makeCalls(ways, count) {
  for (let done = 0; done < count; done += CONCURRENCY) {
    const rest = Math.min(CONCURRENCY, count - done);
    const batch = Array.from({ length: rest }, (_, i) => ways[(done + i) % ways.length]);
    await Promise.all(batch.map((way) => way && makeCall(way)));
  }
}

/** Collects garbage, then returns and prints what must not grow. */
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

// If a call never settles, Node has nothing left to do and exits. This prints the reason.
process.on('exit', () => {
  if (settled === calls + clients) return;
  console.log(`Only ${settled} of ${calls} calls and ${clients} clients settled.`);
  process.exitCode = 1;
});

/**
 * Makes the calls in ten parts, and prints the growth since the first part.
 *
 * @param {string} noun
 * @param {Way[]} ways
 * @param {number} count
 */
async function soak(noun, ways, count) {
  console.log(`${count} ${noun}`);
  const start = settled;
  const tenth = Math.floor(count / 10);
  await makeCalls(ways, tenth);
  const before = await measure();
  let after = before;
  while (settled < start + count) {
    await makeCalls(ways, Math.min(tenth, start + count - settled));
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

await soak('calls', ways, calls);
const clientCalls = clientWays.map((call) => ({ call }));
await soak('clients', clientCalls, clients);

// A million calls: linear memory, the JavaScript heap and the table of references must be at the end what they were after the first
// tenth, and every call must settle.
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { load } from './package.mjs';
import { fetchWithPlatform, options, request } from './stub.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' } } });
const calls = Number(values.calls);
if (!(calls >= 1000)) throw new Error('--calls takes a number from 1000.');

/** What a collection leaves differs by as much from one to the next; were it lost for good, it would be half a byte a call. */
const HEAP_TOLERANCE = 512 * 1024;
const AT_ONCE = 100;

// The package keeps its module to itself, so its exports are caught on their way.
let wasm;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate.apply(WebAssembly, given);
  wasm = (made.instance ?? made).exports;
  return made;
};
const { createSession, SocialPlusError } = await load();

const refused = JSON.stringify({ status: 'error', code: 400100, message: 'Unauthorized' });
const good = { ...options, fetch: fetchWithPlatform, onEvent() {} };
const gone = AbortSignal.abort();
const never = new AbortController().signal;
setMaxListeners(AT_ONCE, never);
// Most calls succeed; each way of failing leaves by another door.
const ways = [
  { expected: undefined, call: () => createSession(good, request) },
  { expected: undefined, call: () => createSession(good, { ...request, signal: never }) },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'unauthorized', call: () => createSession({ ...good, fetch: async () => new Response(refused, { status: 401 }) }, request) },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'network', call: () => createSession({ ...good, retry: false, fetch: () => Promise.reject('down') }, request) },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'aborted', call: () => createSession(good, { ...request, signal: gone }) },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'invalidRequest', call: () => createSession(good, { ...request, userId: '' }) },
];

const kindOf = (error) => (SocialPlusError.is(error) ? error.kind : String(error));
let settled = 0;
async function one({ expected, call }) {
  const outcome = await call().then(() => undefined, kindOf);
  if (outcome !== expected) throw new Error(`A call ended as ${outcome}; expected was ${expected ?? 'a session'}.`);
  settled += 1;
}

async function run(count) {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) => one(ways[(done + i) % ways.length])));
  }
}

async function state() {
  // What has a finalizer goes in turns: it is found, told of, and only then collected.
  for (let i = 0; i < 10; i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const tables = Object.values(wasm).filter((value) => value instanceof WebAssembly.Table);
  const references = tables.reduce((sum, table) => sum + table.length, 0);
  const found = { memory: wasm.memory.buffer.byteLength, heap: process.memoryUsage().heapUsed, references };
  console.log(`after ${String(settled).padEnd(10)}memory ${found.memory}   heap ${found.heap}   references ${found.references}`);
  return found;
}

// A call that never settles leaves nothing to wait for: node would end, and this says why.
process.on('exit', () => {
  if (settled === calls) return;
  console.log(`Only ${settled} of ${calls} calls settled.`);
  process.exitCode = 1;
});

const tenth = Math.floor(calls / 10);
await run(tenth);
const before = await state();
let after = before;
while (settled < calls) {
  await run(Math.min(tenth, calls - settled));
  after = await state();
}

const grown = [];
if (after.memory > before.memory) grown.push('linear memory');
if (after.references > before.references) grown.push('the table of references');
if (after.heap > before.heap + HEAP_TOLERANCE) grown.push('the JavaScript heap');
if (grown.length > 0) {
  console.log(`Grown: ${grown.join(', ')}.`);
  process.exitCode = 1;
} else {
  console.log(`Nothing has grown, and all ${calls} calls have settled.`);
}

// A million calls, then ten thousand clients made, signed in and closed: linear memory, the
// JavaScript heap, the table of references and what keeps a process going must be at the end what
// they were after the first tenth, and every call must settle.
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { load } from './package.mjs';
import { fetchWithPlatform, options, request } from './stub.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({ options: { calls: text('1000000'), clients: text('10000') } });
const calls = Number(values.calls);
const clients = Number(values.clients);
if (!(calls >= 1000 && clients >= 1000))
  throw new Error('--calls and --clients take numbers from 1000.');

/**
 * What a collection leaves differs by as much from one to the next; were it lost for good, it would
 * be half a byte a call.
 */
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
const { createSession, SessionClient, SocialPlusError } = await load();

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
  {
    expected: 'unauthorized',
    call: () =>
      createSession(
        { ...good, fetch: async () => new Response(refused, { status: 401 }) },
        request,
      ),
  },
  { expected: undefined, call: () => createSession(good, request) },
  {
    expected: 'network',
    call: () =>
      createSession({ ...good, retry: false, fetch: () => Promise.reject('down') }, request),
  },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'aborted', call: () => createSession(good, { ...request, signal: gone }) },
  { expected: undefined, call: () => createSession(good, request) },
  { expected: 'invalidRequest', call: () => createSession(good, { ...request, userId: '' }) },
];

const kindOf = (error) => (SocialPlusError.is(error) ? error.kind : String(error));
let settled = 0;
async function one({ expected, call }) {
  const outcome = await call().then(() => undefined, kindOf);
  if (outcome !== expected)
    throw new Error(`A call ended as ${outcome}; expected was ${expected ?? 'a session'}.`);
  settled += 1;
}

// Storage of the app's own, and what clients of one namespace share: neither may keep anything of a
// client that is gone.
const items = new Map();
const storage = {
  getItem: (key) => items.get(key) ?? null,
  setItem: (key, value) => void items.set(key, value),
  removeItem: (key) => void items.delete(key),
};
let made = 0;
const kinds = [{}, { namespace: 'soak' }, { storage }, { namespace: 'soak', storage }];
const signingIn = kinds.map((more) => async () => {
  made += 1;
  const client = new SessionClient({ ...good, ...more });
  client.addEventListener('statechange', () => {});
  const states = client.states();
  await client.login({ userId: request.userId });
  await Promise.all([client.accessToken(), client.accessToken(), states.next()]);
  if (made % 3 === 0) await client.logout();
  await client.close();
});
const clientsOnce = signingIn.map((call) => ({ expected: undefined, call }));

async function run(all, count) {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) =>
        one(all[(done + i) % all.length]),
      ),
    );
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
  const handles = process.getActiveResourcesInfo().length;
  const found = {
    memory: wasm.memory.buffer.byteLength,
    heap: process.memoryUsage().heapUsed,
    references,
    handles,
  };
  const shown = `memory ${found.memory}   heap ${found.heap}   references ${references}   handles ${handles}`;
  console.log(`after ${String(settled).padEnd(10)}${shown}`);
  return found;
}

// A call that never settles leaves nothing to wait for: node would end, and this says why.
process.on('exit', () => {
  if (settled === calls + clients) return;
  console.log(`Only ${settled} of ${calls} calls and ${clients} clients settled.`);
  process.exitCode = 1;
});

/** Says what has grown from the first tenth to the last. */
async function soak(what, all, count) {
  console.log(`${count} ${what}`);
  const start = settled;
  const tenth = Math.floor(count / 10);
  await run(all, tenth);
  const before = await state();
  let after = before;
  while (settled < start + count) {
    await run(all, Math.min(tenth, start + count - settled));
    after = await state();
  }
  const grown = [];
  if (after.memory > before.memory) grown.push('linear memory');
  if (after.references > before.references) grown.push('the table of references');
  if (after.handles > before.handles) grown.push('handles');
  if (after.heap > before.heap + HEAP_TOLERANCE) grown.push('the JavaScript heap');
  if (grown.length > 0) process.exitCode = 1;
  console.log(
    grown.length > 0
      ? `Grown: ${grown.join(', ')}.`
      : `Nothing has grown, and all ${count} ${what} have settled.`,
  );
}

await soak('calls', ways, calls);
await soak('clients', clientsOnce, clients);

// Measures two ratios of CPU time: `createSession` on a stubbed fetch to a hand-written function
// with the same checks, and `accessToken` on a valid session to awaiting a resolved promise. Each
// round measures every kind of call, so that a disturbance of the machine affects all of them. The
// median round counts.
import { parseArgs } from 'node:util';
import * as byHand from './by-hand.mjs';
import { load } from './package.mjs';
import { profile } from './profile.mjs';
import { fetchBare, fetchWithPlatform, options, request } from './stub.mjs';

const CALLS_PER_TURN = 50;
const WARM_UP_ROUNDS = 2;

/** @param {string} value */
const text = (value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: {
    calls: text('1000'),
    rounds: text('31'),
    profile: { type: 'boolean', default: false },
  },
});
const calls = Number(values.calls);
const rounds = Number(values.rounds);
if (!(calls > 0 && rounds > 0)) throw new Error('--calls and --rounds must be numbers above 0.');

const ours = await load();
if (values.profile) {
  await profile(
    ours,
    () => ours.createSession({ ...options, fetch: fetchWithPlatform }, request),
    calls * 30,
  );
  process.exit();
}

const url = 'https://apix.eu.amity.co/api/v5/sessions';
const headers = {
  'x-api-key': options.apiKey,
  accept: 'application/json',
  'content-type': 'application/json',
};
/** @returns {RequestInit} */
const init = () => ({ method: 'POST', headers, body: JSON.stringify(request), redirect: 'manual' });
const withPlatform = { ...options, fetch: fetchWithPlatform };
const bare = { ...options, fetch: fetchBare };

/** @type {Record<string, () => Promise<unknown>>} */
const kinds = {
  ours: () => ours.createSession(withPlatform, request),
  'by hand': () => byHand.createSession(withPlatform, request),
  'only fetch and text()': async () =>
    JSON.parse(await (await fetchWithPlatform(url, init())).text()),
  'ours, without Request and Response': () => ours.createSession(bare, request),
  'by hand, without Request and Response': () => byHand.createSession(bare, request),
  'only ready()': () => ours.ready(),
  'only an AbortController and a timer': async () => {
    const controller = new AbortController();
    clearTimeout(setTimeout(() => controller.abort(), 10_000));
    return controller.signal;
  },
};

const client = new ours.SessionClient(bare);
await client.login({ userId: request.userId });
const resolved = Promise.resolve('token');
/**
 * Calls that take less than a microsecond.
 *
 * @type {Record<string, () => Promise<unknown>>}
 */
const brief = {
  'accessToken() on a valid session': () => client.accessToken(),
  'awaiting a resolved promise': () => resolved,
};

/**
 * Lets the finalizers run, which need a turn of the event loop. Otherwise the work that one kind
 * leaves to them would be measured with another kind.
 */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Returns the microseconds of CPU per call, including its share of compilation and garbage
 * collection. A forced collection would discard compiled code.
 *
 * @param {() => Promise<unknown>} call
 */
async function measure(call) {
  await turn();
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) {
    await call();
    if (i % CALLS_PER_TURN === 0) await turn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/**
 * Measures a brief call: over many more calls, and without turns of the event loop, which would
 * cost more than the calls.
 *
 * @param {() => Promise<unknown>} call
 */
async function measureBrief(call) {
  const count = calls * CALLS_PER_TURN;
  await turn();
  const before = process.cpuUsage();
  for (let i = 0; i < count; i += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** @type {Map<string, number[]>} */
const samples = new Map();
/**
 * @param {string} name
 * @param {number} sample
 */
const record = (name, sample) => samples.set(name, [...samplesOf(name), sample]);
/** @param {string} name */
const samplesOf = (name) => samples.get(name) ?? [];

for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
  // Over the rounds, each kind is measured equally often at each position.
  const entries = Object.entries(kinds);
  const start = (round + entries.length) % entries.length;
  for (const [name, call] of [...entries.slice(start), ...entries.slice(0, start)]) {
    const sample = await measure(call);
    if (round >= 0) record(name, sample);
  }
  for (const [name, call] of round % 2 ? Object.entries(brief) : Object.entries(brief).reverse()) {
    const sample = await measureBrief(call);
    if (round >= 0) record(name, sample);
  }
}
await client.close();

/**
 * @param {number[]} list
 * @param {number} q
 */
const quantile = (list, q) =>
  list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) * q)] ?? NaN;
const how = `the median of ${rounds} rounds of ${calls} calls, and the middle half of the rounds`;
console.log(`CPU per call in µs, Node ${process.versions.node}: ${how}\n`);
for (const [name, list] of samples) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) =>
    quantile(list, q).toFixed(name in brief ? 3 : 1),
  );
  console.log(`${name.padEnd(42)}${String(middle).padStart(7)}   ${low} to ${high}`);
}
/**
 * Returns the median ratio of two kinds. It compares samples of the same round, because they were
 * measured at almost the same time.
 *
 * @param {string} one
 * @param {string} other
 */
const ratio = (one, other) => {
  const others = samplesOf(other);
  return quantile(
    samplesOf(one).map((sample, i) => sample / (others[i] ?? NaN)),
    0.5,
  );
};
const [token = '', promise = ''] = Object.keys(brief);
const sessionRatio = ratio('ours', 'by hand').toFixed(2);
const tokenRatio = ratio(token, promise).toFixed(1);
console.log(
  `\ncreateSession takes ${sessionRatio} times the CPU of the hand-written function ` +
    '(target: 1.25).',
);
console.log(
  `accessToken() takes ${tokenRatio} times the CPU of awaiting a resolved promise (target: 20).`,
);

// Measures the CPU time of calls, and prints the times and two ratios. The first ratio compares
// `createSession`, with a stub of `fetch`, to a hand-written function that makes nearly the same
// checks. The second compares `accessToken` on a valid session to awaiting a resolved promise. Each
// round measures every kind of call, so that a disturbance of the machine affects all kinds. The
// results are medians over the rounds.
import { parseArgs } from 'node:util';
import * as byHand from './by-hand.mjs';
import { load } from './package.mjs';
import { profile } from './profile.mjs';
import { fetchBareStub, fetchPlatformStub, options, request } from './stub.mjs';

const CALLS_PER_TURN = 50;
const WARM_UP_ROUNDS = 2;

/** @param {string} value */
const createStringOption = (value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: {
    calls: createStringOption('1000'),
    rounds: createStringOption('31'),
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
    () => ours.createSession({ ...options, fetch: fetchPlatformStub }, request),
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
const createInit = () => ({
  method: 'POST',
  headers,
  body: JSON.stringify(request),
  redirect: 'manual',
});
const platformOptions = { ...options, fetch: fetchPlatformStub };
const bareOptions = { ...options, fetch: fetchBareStub };

/** @type {Record<string, () => Promise<unknown>>} */
const kinds = {
  ours: () => ours.createSession(platformOptions, request),
  'by hand': () => byHand.createSession(platformOptions, request),
  'only fetch and text()': async () =>
    JSON.parse(await (await fetchPlatformStub(url, createInit())).text()),
  'ours, without Request and Response': () => ours.createSession(bareOptions, request),
  'by hand, without Request and Response': () => byHand.createSession(bareOptions, request),
  'only ready()': () => ours.ready(),
  'only an AbortController and a timer': async () => {
    const controller = new AbortController();
    clearTimeout(setTimeout(() => controller.abort(), 10_000));
    return controller.signal;
  },
};

const client = new ours.SessionClient(bareOptions);
await client.login({ userId: request.userId });
const resolved = Promise.resolve('token');
/**
 * Calls that take less than a microsecond.
 *
 * @type {Record<string, () => Promise<unknown>>}
 */
const briefKinds = {
  'accessToken() on a valid session': () => client.accessToken(),
  'awaiting a resolved promise': () => resolved,
};

/**
 * Waits for a turn of the event loop, in which finalizers run. Otherwise the finalizers that one
 * kind of call creates would be measured as part of another kind.
 */
const waitForTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Returns the CPU time per call, in microseconds. The time includes a share of compilation and
 * garbage collection. The function does not force a collection before it measures, because that
 * would discard compiled code.
 *
 * @param {() => Promise<unknown>} call
 */
async function measure(call) {
  await waitForTurn();
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) {
    await call();
    if (i % CALLS_PER_TURN === 0) await waitForTurn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/**
 * Measures a brief kind of call. Makes many more calls than `measure`, and does not wait for turns
 * of the event loop between the calls, because the turns would take more time than the calls.
 *
 * @param {() => Promise<unknown>} call
 */
async function measureBrief(call) {
  const count = calls * CALLS_PER_TURN;
  await waitForTurn();
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
const record = (name, sample) => samples.set(name, [...getSamples(name), sample]);
/** @param {string} name */
const getSamples = (name) => samples.get(name) ?? [];

for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
  // Rotate the order, so that each kind is measured about equally often at each position.
  const entries = Object.entries(kinds);
  const start = (round + entries.length) % entries.length;
  for (const [name, call] of [...entries.slice(start), ...entries.slice(0, start)]) {
    const sample = await measure(call);
    if (round >= 0) record(name, sample);
  }
  for (const [name, call] of round % 2
    ? Object.entries(briefKinds)
    : Object.entries(briefKinds).reverse()) {
    const sample = await measureBrief(call);
    if (round >= 0) record(name, sample);
  }
}
await client.close();

/**
 * @param {number[]} list
 * @param {number} q
 */
const computeQuantile = (list, q) =>
  list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) * q)] ?? NaN;
const stats = `the median of ${rounds} rounds of ${calls} calls, and the middle half of the rounds`;
console.log(`CPU per call in µs, Node ${process.versions.node}: ${stats}\n`);
for (const [name, list] of samples) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) =>
    computeQuantile(list, q).toFixed(name in briefKinds ? 3 : 1),
  );
  console.log(`${name.padEnd(42)}${String(middle).padStart(7)}   ${low} to ${high}`);
}
/**
 * Returns the median ratio of two kinds. Each ratio compares two samples of the same round, because
 * they were measured at almost the same time.
 *
 * @param {string} name
 * @param {string} otherName
 */
const computeRatio = (name, otherName) => {
  const others = getSamples(otherName);
  return computeQuantile(
    getSamples(name).map((sample, i) => sample / (others[i] ?? NaN)),
    0.5,
  );
};
const [tokenKind = '', promiseKind = ''] = Object.keys(briefKinds);
const sessionRatio = computeRatio('ours', 'by hand').toFixed(2);
const tokenRatio = computeRatio(tokenKind, promiseKind).toFixed(1);
console.log(
  `\ncreateSession takes ${sessionRatio} times the CPU of the hand-written function ` +
    '(target: 1.25).',
);
console.log(
  `accessToken() takes ${tokenRatio} times the CPU of awaiting a resolved promise (target: 20).`,
);

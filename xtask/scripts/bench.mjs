// Two figures: the CPU of `createSession` on a stubbed fetch, over a hand-written function with the
// same checks; and that of `accessToken` on a valid session, over awaiting a resolved promise. The
// kinds are measured by turns, so that what happens to the machine happens to all, and the median
// round counts.
import { parseArgs } from 'node:util';
import * as byHand from './by-hand.mjs';
import { load } from './package.mjs';
import { profile } from './profile.mjs';
import { fetchBare, fetchWithPlatform, options, request } from './stub.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    calls: text('1000'),
    rounds: text('31'),
    profile: { type: 'boolean', default: false },
  },
});
const calls = Number(values.calls);
const rounds = Number(values.rounds);
if (!(calls > 0 && rounds > 0)) throw new Error('--calls and --rounds take numbers over 0.');

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
const init = () => ({ method: 'POST', headers, body: JSON.stringify(request), redirect: 'manual' });
const withPlatform = { ...options, fetch: fetchWithPlatform };
const bare = { ...options, fetch: fetchBare };

const kinds = {
  ours: () => ours.createSession(withPlatform, request),
  'by hand': () => byHand.createSession(withPlatform, request),
  'fetch and text() alone': async () =>
    JSON.parse(await (await fetchWithPlatform(url, init())).text()),
  'ours, fetch without Request and Response': () => ours.createSession(bare, request),
  'by hand, likewise': () => byHand.createSession(bare, request),
  'ready() alone': () => ours.ready(),
  'an AbortController and a timer alone': async () => {
    const controller = new AbortController();
    clearTimeout(setTimeout(() => controller.abort(), 10_000));
    return controller.signal;
  },
};

const client = new ours.SessionClient(bare);
await client.login({ userId: request.userId });
const resolved = Promise.resolve('token');
const brief = {
  'accessToken() on a valid session': () => client.accessToken(),
  'awaiting a resolved promise': () => resolved,
};

/**
 * Finalizers run in turns of their own; were there none, what each call leaves to them would pile
 * up and be paid for by another kind.
 */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Microseconds of CPU a call, its share of compilation and collection included: a forced collection
 * would throw away compiled code.
 */
async function measure(call) {
  await turn();
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) {
    await call();
    if (i % 50 === 0) await turn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/**
 * The same of what is over in an instant: many more calls, and no turn among them, which would cost
 * more than they do.
 */
async function measureBrief(call) {
  await turn();
  const before = process.cpuUsage();
  for (let i = 0; i < calls * 50; i += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (calls * 50);
}

const samples = Object.fromEntries(
  [...Object.keys(kinds), ...Object.keys(brief)].map((name) => [name, []]),
);
// The first two rounds warm up.
for (let round = -2; round < rounds; round += 1) {
  const names = Object.keys(kinds);
  // Each kind comes at each place as often.
  const turned = names.map((_, i) => names[(i + round + names.length) % names.length]);
  for (const name of turned) {
    const sample = await measure(kinds[name]);
    if (round >= 0) samples[name].push(sample);
  }
  for (const [name, call] of round % 2 ? Object.entries(brief) : Object.entries(brief).reverse()) {
    const sample = await measureBrief(call);
    if (round >= 0) samples[name].push(sample);
  }
}
await client.close();

const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) * q)];
const median = (list) => quantile(list, 0.5);
const how = `the median of ${rounds} rounds of ${calls} calls, and the middle half of the rounds`;
console.log(`CPU of a call in µs, Node ${process.versions.node}: ${how}\n`);
for (const [name, list] of Object.entries(samples)) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) =>
    quantile(list, q).toFixed(name in brief ? 3 : 1),
  );
  console.log(`${name.padEnd(42)}${middle.padStart(7)}   ${low} to ${high}`);
}
// Of the same round, for the two were neighbours in time.
const over = (one, other) => median(samples[one].map((sample, i) => sample / samples[other][i]));
const [token, promise] = Object.keys(brief);
console.log(
  `\ncreateSession takes ${over('ours', 'by hand').toFixed(2)} times the CPU of the function by hand (the aim is 1.25).`,
);
console.log(
  `accessToken() takes ${over(token, promise).toFixed(1)} times the CPU of awaiting a resolved promise (the aim is 20).`,
);

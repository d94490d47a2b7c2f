// One figure: the CPU of `createSession` on a stubbed fetch, over a hand-written function with the same checks. The kinds are measured by turns, so that what happens to the machine happens to all, and the median round counts.
import { parseArgs } from 'node:util';
import * as byHand from './by-hand.mjs';
import { load } from './package.mjs';
import { profile } from './profile.mjs';
import { fetchBare, fetchWithPlatform, options, request } from './stub.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '21' }, profile: { type: 'boolean', default: false } } });
const calls = Number(values.calls);
const rounds = Number(values.rounds);
if (!(calls > 0 && rounds > 0)) throw new Error('--calls and --rounds take numbers over 0.');

const ours = await load();
if (values.profile) {
  await profile(ours, () => ours.createSession({ ...options, fetch: fetchWithPlatform }, request), calls * 30);
  process.exit();
}

const url = 'https://apix.eu.amity.co/api/v5/sessions';
const init = () => ({ method: 'POST', headers: { 'x-api-key': options.apiKey, accept: 'application/json', 'content-type': 'application/json' }, body: JSON.stringify(request), redirect: 'manual' });
const withPlatform = { ...options, fetch: fetchWithPlatform };
const bare = { ...options, fetch: fetchBare };

const kinds = {
  'ours': () => ours.createSession(withPlatform, request),
  'by hand': () => byHand.createSession(withPlatform, request),
  'fetch and text() alone': async () => JSON.parse(await (await fetchWithPlatform(url, init())).text()),
  'ours, fetch without Request and Response': () => ours.createSession(bare, request),
  'by hand, likewise': () => byHand.createSession(bare, request),
  'ready() alone': () => ours.ready(),
  'an AbortController and a timer alone': async () => {
    const controller = new AbortController();
    clearTimeout(setTimeout(() => controller.abort(), 10_000));
    return controller.signal;
  },
};

/** Microseconds of CPU a call, compilation and collection included. */
async function measure(call) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const samples = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
// The first two rounds warm up.
for (let round = -2; round < rounds; round += 1) {
  const names = Object.keys(kinds);
  // Each kind comes at each place as often.
  const turned = names.map((_, i) => names[(i + round + names.length) % names.length]);
  for (const name of turned) {
    const sample = await measure(kinds[name]);
    if (round >= 0) samples[name].push(sample);
  }
}

const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) * q)];
const median = (list) => quantile(list, 0.5);
console.log(`CPU of a call in µs, Node ${process.versions.node}: the median of ${rounds} rounds of ${calls} calls, and the middle half of the rounds\n`);
for (const [name, list] of Object.entries(samples)) {
  console.log(`${name.padEnd(42)}${median(list).toFixed(1).padStart(7)}   ${quantile(list, 0.25).toFixed(1)} to ${quantile(list, 0.75).toFixed(1)}`);
}
// Of the same round, for the two were neighbours in time.
const ratios = samples.ours.map((sample, i) => sample / samples['by hand'][i]);
console.log(`\ncreateSession takes ${median(ratios).toFixed(2)} times the CPU of the function by hand (the aim is 1.25).`);

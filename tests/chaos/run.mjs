// Plays seeded episodes of chaos in real browsers. Called by `cargo xtask assure chaos`.
//
//   --minutes N      play until each browser has played N minutes; default 5
//   --browser NAME   only this browser
//   --seed S         play only the episode of this seed
//
// The totals of each browser are in target/chaos/, and the next run continues them as long as the
// package is the same. The timeline of an episode that fails is there as well.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { launch } from '../browsers/launch.mjs';
import { check } from './checks.mjs';
import { startEpisode } from './episode.mjs';
import { ACTS, drawPlan } from './plan.mjs';
import { createRandom } from './random.mjs';
import { createTimeline } from './timeline.mjs';

const BROWSERS = ['chromium', 'firefox', 'webkit'];
const MINUTE_MS = 60_000;
const MAX_PAUSE_MS = 120;
const EPISODE_TIMEOUT_MS = 900_000;
/** A browser is restarted after this many episodes. */
const EPISODES_PER_BROWSER = 10;
const folder = new URL('../../target/chaos/', import.meta.url);

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    browser: { type: 'string' },
    seed: { type: 'string' },
  },
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const play = async (episode, plan, random, timeline) => {
  for (let n = 0; n < plan.tabs; n += 1) await episode.open();
  for (let n = 0; n < plan.acts; n += 1) {
    const [title, act] = random.pickWeighted(ACTS);
    const tab = random.pick(episode.listActiveTabs());
    timeline.note(`act: ${title}`, `tab ${tab.number}`);
    await act(episode, tab);
    await pause(random.below(MAX_PAUSE_MS));
  }
  await check(episode, plan);
};

/** Plays the episode of a seed, and returns what it has done and the violations. */
const playSeed = async (browser, name, seed) => {
  const random = createRandom(seed);
  const timeline = createTimeline();
  const plan = drawPlan(random);
  timeline.note('plan', JSON.stringify({ browser: name, seed, ...plan }));
  const start = performance.now();
  const episode = await startEpisode({ browser, name, plan, random, timeline });
  const timeout = pause(EPISODE_TIMEOUT_MS).then(() => 'timeout');
  try {
    const outcome = await Promise.race([play(episode, plan, random, timeline), timeout]);
    if (outcome === 'timeout') episode.violate('the episode did not end');
  } catch (error) {
    episode.violate(`the episode broke: ${error.stack}`);
  }
  const { violations, days, sessionRequests } = episode;
  if (violations.length) {
    for (const tab of episode.world.tabs) {
      const observed = await Promise.race([
        tab.call('observations').catch(() => undefined),
        pause(2000),
      ]);
      timeline.note('events', `tab ${tab.number}: ${JSON.stringify(observed)}`);
    }
    await timeline.write(new URL(`${name}-${seed}.txt`, folder));
  }
  await Promise.race([episode.close().catch(() => {}), pause(10_000)]);
  return {
    ms: performance.now() - start,
    days,
    sessionRequests,
    counts: timeline.counts,
    violations,
  };
};

const readTotals = async (path, key) => {
  try {
    const totals = JSON.parse(await readFile(path, 'utf8'));
    if (totals.key === key) return totals;
  } catch {
    // There are no totals yet.
  }
  return { key, seed: 1, episodes: 0, ms: 0, days: 0, sessionRequests: 0, counts: {}, failed: [] };
};

const add = (totals, { ms, days, sessionRequests, counts, violations }, seed) => {
  totals.seed = seed + 1;
  totals.episodes += 1;
  totals.ms += ms;
  totals.days += days;
  totals.sessionRequests += sessionRequests;
  for (const [kind, count] of Object.entries(counts))
    totals.counts[kind] = (totals.counts[kind] ?? 0) + count;
  if (violations.length) totals.failed.push({ seed, violations });
};

const report = (name, seed, { violations }) => {
  for (const text of violations) console.log(`${name}, seed ${seed}: ${text}`);
  if (violations.length) console.log(`  timeline: target/chaos/${name}-${seed}.txt`);
};

const FAULTS = ['slow', 'lost', 'unanswered', 'cut', 'hang', 'failed', 'page', 'limited'];
const ACCIDENTS = ['kill', 'reload', 'busy', 'freeze', 'sleep', 'wrong clock', 'clear storage'];

/** Prints the totals as a row of the table in docs/assurance.md. */
const printRow = (name, { episodes, ms, days, sessionRequests, counts, failed }) => {
  const sum = (kinds, prefix = '') =>
    kinds.reduce((total, kind) => total + (counts[prefix + kind] ?? 0), 0);
  const cells = [
    name,
    (ms / MINUTE_MS).toFixed(0),
    episodes,
    days.toFixed(0),
    counts.call ?? 0,
    sum(ACCIDENTS, 'act: '),
    sessionRequests,
    sum(FAULTS),
    failed.length,
  ];
  console.log(`| ${cells.join(' | ')} |`);
};

const playMinutes = async (name, minutes, key) => {
  const path = new URL(`${name}.json`, folder);
  const totals = await readTotals(path, key);
  let failures = 0;
  while (totals.ms < minutes * MINUTE_MS) {
    const browser = await launch(name);
    for (let n = 0; n < EPISODES_PER_BROWSER && totals.ms < minutes * MINUTE_MS; n += 1) {
      const { seed } = totals;
      const result = await playSeed(browser, name, seed);
      report(name, seed, result);
      failures += result.violations.length ? 1 : 0;
      add(totals, result, seed);
      await writeFile(path, JSON.stringify(totals, undefined, 2));
      if (result.violations.some((text) => /^the episode/.test(text))) break;
    }
    await Promise.race([browser.close().catch(() => {}), pause(10_000)]);
  }
  printRow(name, totals);
  return failures;
};

const playOne = async (name, seed) => {
  const browser = await launch(name);
  const result = await playSeed(browser, name, seed);
  report(name, seed, result);
  await browser.close();
  return result.violations.length ? 1 : 0;
};

const names = values.browser ? [values.browser] : BROWSERS;
const tarball = await readFile(process.env.TARBALL);
const key = createHash('sha256').update(tarball).digest('hex').slice(0, 16);
await mkdir(folder, { recursive: true });
let failed = 0;
for (const name of names)
  failed += values.seed
    ? await playOne(name, Number(values.seed))
    : await playMinutes(name, Number(values.minutes), key);
console.log(failed ? `${failed} episodes failed` : 'no episode failed');
process.exit(failed ? 1 : 0);

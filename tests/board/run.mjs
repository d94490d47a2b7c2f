// Runs the scenarios of the board with this library and its peers, and writes docs/scenarios.md.
// Called by `cargo xtask assure board`.
//
//   --only 1,8          only these scenarios
//   --candidate NAME    only this candidate
//
// With an option, it does not write the page. The exit code is 1 if the outcome of a scenario with
// this library is not `holds`.
import { parseArgs } from 'node:util';
import { launch } from '../browsers/launch.mjs';
import { bundleCandidates } from './candidates.mjs';
import { NODE_SCENARIOS } from './scenarios-node.mjs';
import leaving from './scenarios-leaving.mjs';
import renewal from './scenarios-renewal.mjs';
import { writePage } from './page.mjs';
import { Failure, createWorld } from './world.mjs';

const SCENARIO_TIMEOUT_MS = 240_000;
const { values } = parseArgs({
  options: { only: { type: 'string' }, candidate: { type: 'string' } },
});
const only = values.only?.split(',').map(Number);
const scenarios = [...renewal, ...leaving, ...NODE_SCENARIOS]
  .filter(({ id }) => !only || only.includes(id))
  .sort((a, b) => a.id - b.id);
if (!scenarios.length) throw new Error('--only names no scenario.');

/** Runs a scenario with a candidate, and resolves to the cell of the table: outcome and text. */
const runCell = async (browser, candidate, scenario) => {
  const reason = candidate.exempt[scenario.id];
  if (reason) return { outcome: 'does not apply', text: reason };
  let world;
  let timer;
  let cell;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(reject, SCENARIO_TIMEOUT_MS, new Error('the scenario did not end'));
  });
  try {
    world = scenario.isWorldless
      ? { close: async () => {} }
      : await createWorld(browser, candidate, scenario.functions);
    await Promise.race([scenario.run(Object.assign(world, { candidate })), timeout]);
    cell = { outcome: 'holds' };
  } catch (error) {
    cell =
      error instanceof Failure
        ? { outcome: 'fails', text: error.message }
        : { outcome: 'not measured', text: error.message.split('\n')[0] };
  }
  clearTimeout(timer);
  const [problem] = world?.site?.problems ?? [];
  await world?.close();
  return problem
    ? { outcome: 'not measured', text: `serving a request failed: ${problem.split('\n')[0]}` }
    : cell;
};

/** Measures a cell. A failure must happen twice, because a busy machine can cause one. */
const measureCell = async (...args) => {
  const first = await runCell(...args);
  if (first.outcome !== 'fails') return first;
  const second = await runCell(...args);
  return second.outcome === 'fails'
    ? first
    : { outcome: 'not measured', text: `only one of two runs failed: ${first.text}` };
};

const all = await bundleCandidates();
const candidates = all.filter(({ name }) => !values.candidate || name === values.candidate);
if (!candidates.length)
  throw new Error(`--candidate must be one of ${all.map(({ name }) => name).join(', ')}.`);
const browser = await launch('chromium');
const rows = [];
for (const scenario of scenarios) {
  const cells = [];
  for (const candidate of candidates) {
    const cell = await measureCell(browser, candidate, scenario);
    cells.push(cell);
    console.log(`${scenario.id} ${candidate.name}: ${cell.outcome} ${cell.text ?? ''}`);
  }
  rows.push({ scenario, cells });
}
await browser.close();
if (!values.only && !values.candidate) await writePage(candidates, rows);
const [first] = candidates;
const failed = first.isOurs ? rows.filter(({ cells }) => cells[0].outcome !== 'holds') : [];
console.log(`${rows.length} scenarios, ${failed.length} failed by this library`);
process.exit(failed.length ? 1 : 0);

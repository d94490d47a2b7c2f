// Profiles repeated calls with V8's sampling profiler and shows the names of wasm functions.
import { Session } from 'node:inspector/promises';
import { mkdir, readFile, writeFile } from 'node:fs/promises';

/** @import { Package } from './package.mjs' */

const MAX_FUNCTIONS = 40;
const SAMPLING_INTERVAL_US = 200;
const root = new URL('../../', import.meta.url);

/**
 * Prints the functions that took the most time, and writes the full profile to a file that the
 * developer tools of Chromium can open.
 *
 * @param {Package} entry
 * @param {() => Promise<unknown>} call
 * @param {number} calls
 */
export async function profile(entry, call, calls) {
  // This build has the same code as the package, plus function names.
  await entry.ready(await readFile(new URL('target/artifacts/browser/named.wasm', root)));
  for (let i = 0; i < calls / 10; i += 1) await call();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await session.post('Profiler.start');
  for (let i = 0; i < calls; i += 1) await call();
  const { profile } = await session.post('Profiler.stop');

  const ids = profile.samples ?? [];
  /** @type {Map<number, number>} */
  const samples = new Map();
  for (const id of ids) samples.set(id, (samples.get(id) ?? 0) + 1);
  /** @type {Map<string, number>} */
  const functions = new Map();
  for (const { id, callFrame } of profile.nodes) {
    // V8 appends a hexadecimal number to the names of wasm modules, and the Rust compiler appends a
    // hash to the names of functions.
    const file = callFrame.url.replace(/^.*\//, '').replace(/-[0-9a-f]+$/, '');
    const functionName = (callFrame.functionName || '(anonymous)').replaceAll(
      /::h[0-9a-f]{16}/g,
      '',
    );
    const name = file ? `${functionName}  ${file}` : functionName;
    functions.set(name, (functions.get(name) ?? 0) + (samples.get(id) ?? 0));
  }
  const busiest = [...functions].sort(([, a], [, b]) => b - a).slice(0, MAX_FUNCTIONS);
  for (const [name, count] of busiest)
    console.log(`${((100 * count) / ids.length).toFixed(1).padStart(6)} %  ${name}`);
  await mkdir(new URL('target/profile/', root), { recursive: true });
  await writeFile(
    new URL('target/profile/createSession.cpuprofile', root),
    JSON.stringify(profile),
  );
  console.log('\nThe full profile is in target/profile/createSession.cpuprofile.');
}

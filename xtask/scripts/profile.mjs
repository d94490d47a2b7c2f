// Where the time goes, function by function: V8's sampling profiler over many calls, with the wasm
// functions' names.
import { Session } from 'node:inspector/promises';
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

/**
 * Prints the functions that took most, and leaves the whole profile for the browser's developer
 * tools.
 */
export async function profile(entry, call, calls) {
  // The same code as shipped, with its names.
  await entry.ready(await readFile(new URL('target/artifacts/browser/named.wasm', root)));
  for (let i = 0; i < calls / 10; i += 1) await call();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  for (let i = 0; i < calls; i += 1) await call();
  const { profile } = await session.post('Profiler.stop');

  const samples = new Map();
  for (const id of profile.samples) samples.set(id, (samples.get(id) ?? 0) + 1);
  const functions = new Map();
  for (const { id, callFrame } of profile.nodes) {
    // Modules are named with a number of the engine's, functions with a hash of the compiler's.
    const file = callFrame.url
      .split('/')
      .pop()
      .replace(/-[0-9a-f]+$/, '');
    const name = `${(callFrame.functionName || '(anonymous)').replaceAll(/::h[0-9a-f]{16}/g, '')}${file && `  ${file}`}`;
    functions.set(name, (functions.get(name) ?? 0) + (samples.get(id) ?? 0));
  }
  const most = [...functions].sort(([, a], [, b]) => b - a).slice(0, 40);
  for (const [name, count] of most)
    console.log(`${((100 * count) / profile.samples.length).toFixed(1).padStart(6)} %  ${name}`);
  await mkdir(new URL('target/profile/', root), { recursive: true });
  await writeFile(
    new URL('target/profile/createSession.cpuprofile', root),
    JSON.stringify(profile),
  );
  console.log('\nThe whole profile is in target/profile/createSession.cpuprofile.');
}

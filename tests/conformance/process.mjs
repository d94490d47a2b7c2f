// Runs the suite in a process of another engine. The servers that the suite calls run on Node, in
// the process of the runner.
import { fileURLToPath } from 'node:url';
import { readOutput } from '../engines.mjs';
import { startServers } from './live-servers.mjs';

/**
 * Runs the suite in `program` and returns its results. `entry` is a file name such as `deno.js`:
 * the engine must resolve each export of the package to a file with this name.
 */
export const runSuiteIn = async (program, args, entry) => {
  const { live, close } = await startServers();
  try {
    const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));
    const output = await readOutput(program, [...args, inside, JSON.stringify({ live, entry })]);
    return JSON.parse(output.trim().split('\n').at(-1));
  } finally {
    await close();
  }
};

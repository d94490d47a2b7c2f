// Runs the suite in a process of another engine, and beside it, on Node, the servers that it talks to.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServers } from './live-servers.mjs';

const LIMIT_MS = 600_000;

/** `entry`: the file that the engine should pick for each entry of the package. */
export const suiteIn = async (program, args, entry) => {
  const { live, close } = await startServers();
  try {
    const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));
    const child = spawn(program, [...args, inside, JSON.stringify({ live, entry })], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
      timeout: LIMIT_MS,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (status !== 0) throw new Error(`the process ended with ${status}`);
    return JSON.parse(output.trim().split('\n').at(-1));
  } finally {
    await close();
  }
};

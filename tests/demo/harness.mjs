// Runs and counts named checks, and starts the demo in a process of its own, as a user does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const counts = { passed: 0, failed: 0 };

/** Runs one check. A failure prints one line, and the next check still runs. */
export async function check(name, run) {
  try {
    await run();
    counts.passed += 1;
  } catch (error) {
    counts.failed += 1;
    console.log(`not ok: ${name}: ${error.message.replaceAll('\n', ' ').slice(0, 600)}`);
  }
}

/** Prints the counts as the last line, and sets the exit code. */
export function report() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

// An error outside of a check, such as a missing browser, also counts as a failure. The counts must
// still be the last line.
process.once('uncaughtException', (error) => {
  counts.failed += 1;
  console.log(`not ok: ${error.stack}`);
  report();
  process.exit();
});

/**
 * Starts `www/serve.mjs`. `address` resolves to the address of the demo as soon as the demo prints
 * it, and rejects if the demo ends first. `ended` resolves to the exit code and the output. `stop`
 * sends SIGTERM.
 */
export function startDemo(args, env = {}) {
  const child = spawn(process.execPath, ['www/serve.mjs', '--no-open', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  let printed = '';
  const listeners = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
      listeners.forEach((listener) => listener());
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, printed }));
  const address = new Promise((resolve, reject) => {
    listeners.add(() => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    ended.then(() => reject(new Error(`The demo ended: ${printed}`)));
  });
  // A caller that only awaits `ended` must not cause an unhandled rejection.
  address.catch(() => {});
  return { address, ended, stop: () => child.kill('SIGTERM') };
}

/** Reads a stream of server-sent events, and adds its chunks to an array until the stream ends. */
export async function collectEvents(url, chunks, signal) {
  try {
    const response = await fetch(url, { signal });
    for await (const chunk of response.body) chunks.push(Buffer.from(chunk).toString());
  } catch {
    // The request fails when the test or the demo ends.
  }
}

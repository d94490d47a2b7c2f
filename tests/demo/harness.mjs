// Counts checks by name, and starts the demo as a user would: as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const counts = { passed: 0, failed: 0 };

/** Runs one check; a failure is one line, and the next check runs all the same. */
export async function check(name, run) {
  try {
    await run();
    counts.passed += 1;
  } catch (error) {
    counts.failed += 1;
    console.log(`not ok: ${name}: ${error.message.replaceAll('\n', ' ').slice(0, 600)}`);
  }
}

/** The last line, and the exit code that goes with it. */
export function report() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

// What fails outside a check (no demo, no browser) is counted as well, so that the last line always
// stands.
process.once('uncaughtException', (error) => {
  counts.failed += 1;
  console.log(`not ok: ${error.stack}`);
  report();
  process.exit();
});

/** Starts `www/serve.mjs`; `ended` resolves with its exit code and everything it printed. */
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
  // Whoever only waits for the end does not hear of it twice.
  address.catch(() => {});
  return { address, ended, stop: () => child.kill('SIGTERM') };
}

/** Reads a stream of server-sent events for as long as it lasts. */
export async function collect(url, into, signal) {
  try {
    const response = await fetch(url, { signal });
    for await (const chunk of response.body) into.push(Buffer.from(chunk).toString());
  } catch {
    // It ends with the test or with the demo.
  }
}

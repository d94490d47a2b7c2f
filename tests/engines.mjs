// Locates the programs of Deno and Bun that npm installs, and runs programs. Tests start Deno and
// Bun directly: the commands in node_modules/.bin work only after the install scripts of these
// packages have run, and xtask installs with `--ignore-scripts`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { platform, arch } = process;
const exe = platform === 'win32' ? '.exe' : '';
const libc = platform === 'linux' ? '-glibc' : '';
const bunPlatform = platform === 'win32' ? 'windows' : platform;
const bunArch = arch === 'arm64' ? 'aarch64' : arch;
const PROGRAMS = {
  deno: `@deno/${platform}-${arch}${libc}/deno${exe}`,
  bun: `@oven/bun-${bunPlatform}-${bunArch}/bin/bun${exe}`,
};
const PROGRAM_TIMEOUT_MS = 600_000;

/** Returns the path of `deno` or `bun`. Throws if it is not installed. */
export const findEngine = (name) => {
  const path = fileURLToPath(new URL(`../node_modules/${PROGRAMS[name]}`, import.meta.url));
  if (existsSync(path)) return path;
  throw new Error(
    `${name} is not installed for ${platform} on ${arch}: run \`npm ci\` in the root folder.`,
  );
};

/** Runs a program and resolves to its standard output. Rejects if it fails or takes too long. */
export const readOutput = async (program, args) => {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    timeout: PROGRAM_TIMEOUT_MS,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [status, signal] = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (...ending) => resolve(ending)),
  );
  // The arguments are not shown, because they may contain keys.
  if (status !== 0) throw new Error(`${program} ended with ${signal ?? `exit code ${status}`}`);
  return output;
};

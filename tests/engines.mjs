// The engines that npm brings: where each one's program lies. They are started directly: what npm
// links to may be a script that an install without scripts leaves unfinished.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { platform, arch } = process;
const exe = platform === 'win32' ? '.exe' : '';
const files = {
  deno: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno${exe}`,
  bun: `@oven/bun-${platform === 'win32' ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun${exe}`,
};

/** The path of `deno` or `bun`, or a sentence that says what to do. */
export const engine = (name) => {
  const path = fileURLToPath(new URL(`../node_modules/${files[name]}`, import.meta.url));
  if (existsSync(path)) return path;
  throw new Error(
    `${name} is missing for ${platform} on ${arch}: \`npm ci\` in the root folder brings it.`,
  );
};

/** What a program prints that must end well, and in time. */
export const printed = async (program, args) => {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    timeout: 600_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const status = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (status !== 0) throw new Error(`the process ended with ${status}`);
  return output;
};

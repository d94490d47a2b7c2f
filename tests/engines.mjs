// The engines that npm brings: where each one's program lies. They are started directly: what npm links to may be a script that an
// install without scripts leaves unfinished.
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
  throw new Error(`${name} is missing for ${platform} on ${arch}: \`npm ci\` in the root folder brings it.`);
};

// The entry for Node and Bun. The first call reads the wasm file.
import { readFile } from 'node:fs/promises';
import { createEntry } from '../shared/emulator.js';

export const { createEmulator, ready } = createEntry(() =>
  readFile(new URL('../wasm/emulator_bg.wasm', import.meta.url)),
);
export { listen } from '../shared/emulator-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

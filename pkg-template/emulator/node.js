// The entry for Node and Bun, which read the wasm file at the first call.
import { readFile } from 'node:fs/promises';
import { emulator } from '../shared/emulator.js';

export const { createEmulator, ready } = emulator(() =>
  readFile(new URL('../wasm/emulator_bg.wasm', import.meta.url)),
);
export { listen } from '../shared/emulator-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

// The entry for Deno, which imports the wasm file as a module at the first call. Unlike reading a
// file, this needs no permission.
import { createEntry } from '../shared/emulator.js';

export const { createEmulator, ready } = createEntry(
  () => import.source('../wasm/emulator_bg.wasm'),
);
export { listen } from '../shared/emulator-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

// The entry for browsers and bundlers. The first call fetches the wasm file.
import { createEntry } from '../shared/emulator.js';

export const { createEmulator, ready } = createEntry(
  () => new URL('../wasm/emulator_bg.wasm', import.meta.url),
);
export { listen } from '../shared/emulator-no-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

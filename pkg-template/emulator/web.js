// The entry for browsers and bundlers, which fetch the wasm file at the first call.
import { emulator } from '../shared/emulator.js';

export const { createEmulator, ready } = emulator(
  () => new URL('../wasm/emulator_bg.wasm', import.meta.url),
);
export { listen } from '../shared/emulator-no-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

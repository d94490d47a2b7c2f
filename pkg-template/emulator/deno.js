// Deno: the wasm is a module, imported at the first call. Unlike reading a file that needs no
// permission.
import { emulator } from '../shared/emulator.js';

export const { createEmulator, ready } = emulator(() => import.source('../wasm/emulator_bg.wasm'));
export { listen } from '../shared/emulator-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

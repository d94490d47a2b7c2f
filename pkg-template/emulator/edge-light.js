// Vercel Edge: the wasm is a module, by Vercel's own suffix.
import { emulator } from '../shared/emulator.js';
import wasm from '../wasm/emulator_bg.wasm?module';

export const { createEmulator, ready } = emulator(() => wasm);
export { listen } from '../shared/emulator-no-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

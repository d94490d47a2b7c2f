// The entry for Vercel Edge, which imports a wasm file as a module if the path ends in `?module`.
import { createEntry } from '../shared/emulator.js';
import wasm from '../wasm/emulator_bg.wasm?module';

export const { createEmulator, ready } = createEntry(() => wasm);
export { listen } from '../shared/emulator-no-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

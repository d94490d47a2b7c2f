// The entry for Cloudflare Workers, which compile the wasm file before the first request.
import { createEntry } from '../shared/emulator.js';
import wasm from '../wasm/emulator_bg.wasm';

export const { createEmulator, ready } = createEntry(() => wasm);
export { listen } from '../shared/emulator-no-listen.js';
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

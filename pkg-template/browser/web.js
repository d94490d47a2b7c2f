// Browsers and bundlers: the wasm is fetched from beside this script, at the first call.
import { from } from '../shared/browser-wasm.js';

from(() => new URL('../wasm/browser_bg.wasm', import.meta.url));

export * from '../shared/browser.js';

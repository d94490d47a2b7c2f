// Browsers and bundlers: the wasm is a file of the package, fetched at the first call.
import { from } from '../shared/browser-wasm.js';

from(() => new URL('../wasm/browser_bg.wasm', import.meta.url));

export * from '../shared/browser.js';

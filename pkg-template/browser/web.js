// The entry for browsers and bundlers. The first call fetches the wasm file.
import { setSource } from '../shared/browser-wasm.js';

setSource(() => new URL('../wasm/browser_bg.wasm', import.meta.url));

export * from '../shared/browser.js';

// The entry for Deno, which imports the wasm file as a module at the first call. Unlike reading a
// file, this needs no permission.
import { setSource } from '../shared/browser-wasm.js';

setSource(() => import.source('../wasm/browser_bg.wasm'));

export * from '../shared/browser.js';

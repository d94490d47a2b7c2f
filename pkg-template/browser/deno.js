// Deno: the wasm is a module, imported at the first call. Unlike reading a file, this needs no
// permission.
import { from } from '../shared/browser-wasm.js';

from(() => import.source('../wasm/browser_bg.wasm'));

export * from '../shared/browser.js';

// Vercel Edge: the wasm is a module, by Vercel's own suffix.
import wasm from '../wasm/browser_bg.wasm?module';
import { from } from '../shared/browser-wasm.js';
import { host } from '../shared/host.js';

from(() => wasm);
host.still = true;

export * from '../shared/browser.js';

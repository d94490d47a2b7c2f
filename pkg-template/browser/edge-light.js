// Vercel Edge: the wasm is a module, imported with Vercel's own suffix.
import wasm from '../wasm/browser_bg.wasm?module';
import { from } from '../shared/browser-wasm.js';
import { host } from '../shared/host.js';

from(() => wasm);
host.isPerRequest = true;

export * from '../shared/browser.js';

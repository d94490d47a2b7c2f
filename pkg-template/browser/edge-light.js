// The entry for Vercel Edge, which imports a wasm file as a module if the path ends in `?module`.
import wasm from '../wasm/browser_bg.wasm?module';
import { setSource } from '../shared/browser-wasm.js';
import { host } from '../shared/host.js';

setSource(() => wasm);
host.isPerRequest = true;

export * from '../shared/browser.js';

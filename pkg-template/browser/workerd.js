// The entry for Cloudflare Workers, which compile the wasm file before the first request.
import wasm from '../wasm/browser_bg.wasm';
import { setSource } from '../shared/browser-wasm.js';
import { host } from '../shared/host.js';

setSource(() => wasm);
host.isPerRequest = true;

export * from '../shared/browser.js';

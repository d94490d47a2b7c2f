// Cloudflare Workers: the wasm is a module of the worker, compiled before the first request.
import wasm from '../wasm/browser_bg.wasm';
import { from } from '../shared/browser-wasm.js';
import { host } from '../shared/host.js';

from(() => wasm);
host.isPerRequest = true;

export * from '../shared/browser.js';

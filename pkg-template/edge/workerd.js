// Cloudflare Workers: the wasm is a module of the worker, compiled before the first request.
import wasm from '../wasm/edge_bg.wasm';
import { from } from '../shared/edge-wasm.js';

from(() => wasm);

export * from '../shared/edge.js';

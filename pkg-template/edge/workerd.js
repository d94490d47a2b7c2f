// The entry for Cloudflare Workers, which compile the wasm file before the first request.
import wasm from '../wasm/edge_bg.wasm';
import { setSource } from '../shared/edge-wasm.js';

setSource(() => wasm);

export * from '../shared/edge.js';

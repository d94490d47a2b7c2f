// The entry for Vercel Edge, which imports a wasm file as a module if its name ends in `?module`.
import wasm from '../wasm/edge_bg.wasm?module';
import { setSource } from '../shared/edge-wasm.js';

setSource(() => wasm);

export * from '../shared/edge.js';

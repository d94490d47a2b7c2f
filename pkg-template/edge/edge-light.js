// Vercel Edge: the wasm is a module, imported with Vercel's own suffix.
import wasm from '../wasm/edge_bg.wasm?module';
import { from } from '../shared/edge-wasm.js';

from(() => wasm);

export * from '../shared/edge.js';

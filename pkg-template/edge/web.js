// The default entry, for runtimes and bundlers that match no other condition of `exports`. The
// first call fetches the wasm file.
import { setSource } from '../shared/edge-wasm.js';

setSource(() => new URL('../wasm/edge_bg.wasm', import.meta.url));

export * from '../shared/edge.js';

// Browsers and bundlers: the wasm is a file of the package, fetched at the first call.
import { from } from '../shared/edge-wasm.js';

from(() => new URL('../wasm/edge_bg.wasm', import.meta.url));

export * from '../shared/edge.js';

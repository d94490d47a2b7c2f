// Deno: the wasm is a module, imported at the first call. Unlike reading a file, this needs no
// permission.
import { from } from '../shared/edge-wasm.js';

from(() => import.source('../wasm/edge_bg.wasm'));

export * from '../shared/edge.js';

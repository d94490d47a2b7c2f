// Node and Bun: the wasm is a file of the package, read at the first call.
import { readFile } from 'node:fs/promises';
import { from } from '../shared/edge-wasm.js';

from(() => readFile(new URL('../wasm/edge_bg.wasm', import.meta.url)));

export * from '../shared/edge.js';

// The entry for Node and Bun. The first call reads the wasm file.
import { readFile } from 'node:fs/promises';
import { setSource } from '../shared/edge-wasm.js';

setSource(() => readFile(new URL('../wasm/edge_bg.wasm', import.meta.url)));

export * from '../shared/edge.js';

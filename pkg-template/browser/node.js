// The entry for Node and Bun. The first call reads the wasm file.
import { readFile } from 'node:fs/promises';
import { setSource } from '../shared/browser-wasm.js';

setSource(() => readFile(new URL('../wasm/browser_bg.wasm', import.meta.url)));

export * from '../shared/browser.js';

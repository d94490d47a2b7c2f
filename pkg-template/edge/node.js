// Node, Deno, Bun: the wasm is a file beside this one, read at the first call.
import { readFile } from 'node:fs/promises';
import { edge } from '../shared/edge.js';

export const { createAuthToken, createSession, exchangeSession, ready, revokeSession, verifySession } = edge(() => readFile(new URL('../wasm/edge_bg.wasm', import.meta.url)));
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

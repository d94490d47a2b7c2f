// Cloudflare Workers: the wasm is a module of the worker, compiled before the first request.
import { edge } from '../shared/edge.js';
import wasm from '../wasm/edge_bg.wasm';

export const { createAuthToken, createSession, exchangeSession, ready, revokeSession, verifySession } = edge(() => wasm);
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

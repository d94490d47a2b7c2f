// Vercel Edge: the wasm is a module, by Vercel's own suffix.
import { edge } from '../shared/edge.js';
import wasm from '../wasm/edge_bg.wasm?module';

export const { createAuthToken, createSession, exchangeSession, ready, revokeSession, verifySession } = edge(() => wasm);
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

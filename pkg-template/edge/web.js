// Browsers and bundlers: the wasm is fetched from beside this script, at the first call.
import { edge } from '../shared/edge.js';

export const { createAuthToken, createSession, exchangeSession, ready, revokeSession, verifySession } = edge(() => new URL('../wasm/edge_bg.wasm', import.meta.url));
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

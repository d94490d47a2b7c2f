// Cloudflare Workers: the wasm is a module of the worker, compiled before the first request.
import { browser } from '../shared/browser.js';
import wasm from '../wasm/browser_bg.wasm';

export const {
  createBotSession,
  createSession,
  createVisitorSession,
  ready,
  refreshAccessToken,
  revokeSession,
  verifySession,
} = browser(() => wasm);
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

// Vercel Edge: the wasm is a module, by Vercel's own suffix.
import { browser } from '../shared/browser.js';
import wasm from '../wasm/browser_bg.wasm?module';

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

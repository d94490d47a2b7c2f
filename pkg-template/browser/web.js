// Browsers and bundlers: the wasm is fetched from beside this script, at the first call.
import { browser } from '../shared/browser.js';

export const {
  createBotSession,
  createSession,
  createVisitorSession,
  ready,
  refreshAccessToken,
  revokeSession,
  verifySession,
} = browser(() => new URL('../wasm/browser_bg.wasm', import.meta.url));
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

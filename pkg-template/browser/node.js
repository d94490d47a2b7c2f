// Node, Deno, Bun: the wasm is a file beside this one, read at the first call.
import { readFile } from 'node:fs/promises';
import { browser } from '../shared/browser.js';

export const {
  createBotSession,
  createSession,
  createVisitorSession,
  ready,
  refreshAccessToken,
  revokeSession,
  verifySession,
} = browser(() => readFile(new URL('../wasm/browser_bg.wasm', import.meta.url)));
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

// Node, Deno, Bun: the wasm is a file beside this one, read at the first call.
import { readFile } from 'node:fs/promises';
import { edge } from '../shared/edge.js';

export const {
  createAuthHandler,
  createAuthToken,
  createBotSession,
  createSession,
  createVisitorSession,
  exchangeSession,
  getAdminToken,
  getNetwork,
  getSecurityConfig,
  getServerKeyInfo,
  issueAdminToken,
  issueServerKey,
  ready,
  revokeAdminToken,
  revokeSession,
  revokeUserSessions,
  setNetworkPush,
  setSecureMode,
  setSecurityConfig,
  signVisitor,
  verifySession,
  verifyWebhook,
} = edge(() => readFile(new URL('../wasm/edge_bg.wasm', import.meta.url)));
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

// Cloudflare Workers: the wasm is a module of the worker, compiled before the first request.
import { edge } from '../shared/edge.js';
import wasm from '../wasm/edge_bg.wasm';

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
} = edge(() => wasm);
export { SocialPlusError } from '../shared/error.js';
export { version } from '../shared/version.js';

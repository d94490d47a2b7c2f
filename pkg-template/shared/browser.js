// The browser entry for all runtimes.
import { makeSessionClient } from './session-client.js';

export {
  createBotSession,
  createSession,
  createVisitorSession,
  refreshAccessToken,
  revokeSession,
  verifySession,
} from './browser-calls.js';
export { ready } from './browser-wasm.js';
export { SocialPlusError } from './error.js';
export { version } from './version.js';

export const SessionClient = /* @__PURE__ */ makeSessionClient();

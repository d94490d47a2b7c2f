// The exports of the main entry, which are the same in every runtime.
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

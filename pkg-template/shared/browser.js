// The browser entry, whatever the runtime. Each call stands by itself, so that a bundler leaves out
// what a page does not use.
import { call, glue, ready } from './browser-wasm.js';
import { bearer, creator, same, verifier } from './calls.js';
import { sessionClient } from './session-client.js';

export { SocialPlusError } from './error.js';
export { version } from './version.js';
export { ready };

export const createSession = /* @__PURE__ */ creator(call, glue, 'createSession');
export const createVisitorSession = /* @__PURE__ */ creator(call, glue, 'createVisitorSession');
export const createBotSession = /* @__PURE__ */ creator(call, glue, 'createBotSession');
export const verifySession = /* @__PURE__ */ verifier(call, glue);
export const revokeSession = /* @__PURE__ */ bearer(call, glue, 'revokeSession');
export const refreshAccessToken = /* @__PURE__ */ call(
  'refreshAccessToken',
  [[glue.refreshAccessToken]],
  same,
  { credential: 'refreshToken' },
);

export const SessionClient = /* @__PURE__ */ sessionClient({
  createSession,
  createVisitorSession,
  createBotSession,
  verifySession,
  revokeSession,
  glue,
  ready,
});

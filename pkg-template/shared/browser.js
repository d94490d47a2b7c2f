// The browser entry for all runtimes. Each call is independent, so a bundler drops unused ones.
import { call, glue, ready } from './browser-wasm.js';
import { bearer, creator, identity, verifier } from './calls.js';
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
  [{ run: glue.refreshAccessToken }],
  identity,
  { credential: 'refreshToken' },
);

export const SessionClient = /* @__PURE__ */ sessionClient({
  createSession,
  createVisitorSession,
  createBotSession,
  verify: /* @__PURE__ */ bearer(call, glue, 'verifySession'),
  revokeSession,
  glue,
  ready,
});

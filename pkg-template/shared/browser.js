// The browser entry for all runtimes. The calls are independent, so a bundler drops unused ones.
import * as glue from '../wasm/browser_bg.js';
import { call, ready } from './browser-wasm.js';
import { bearer, creator, identity, verifier } from './calls.js';
import { sessionClient } from './session-client.js';
import { SESSION_KIND_BOT, SESSION_KIND_USER, SESSION_KIND_VISITOR } from './wire.js';

export { SocialPlusError } from './error.js';
export { version } from './version.js';
export { ready };

export const createSession = /* @__PURE__ */ creator(
  call,
  glue.createSession,
  'createSession',
  SESSION_KIND_USER,
);
export const createVisitorSession = /* @__PURE__ */ creator(
  call,
  glue.createSession,
  'createVisitorSession',
  SESSION_KIND_VISITOR,
);
export const createBotSession = /* @__PURE__ */ creator(
  call,
  glue.createSession,
  'createBotSession',
  SESSION_KIND_BOT,
);
export const verifySession = /* @__PURE__ */ verifier(call, glue.verifySession);
export const revokeSession = /* @__PURE__ */ bearer(call, glue.revokeSession, 'revokeSession');
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
  verify: /* @__PURE__ */ bearer(call, glue.verifySession, 'verifySession'),
  revokeSession,
  invoke: glue.invoke,
  checkSessionRequest: glue.checkSessionRequest,
  openMachine: glue.openMachine,
  closeMachine: glue.closeMachine,
  stepMachine: glue.stepMachine,
  ready,
});

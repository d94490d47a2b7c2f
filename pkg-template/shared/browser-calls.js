// The calls of the browser entry, some of which SessionClient makes too. Each is independent, so a
// bundler drops unused ones.
import * as glue from '../wasm/browser_bg.js';
import { call } from './browser-wasm.js';
import { bearer, creator, identity, verifier } from './calls.js';
import { SESSION_KIND_BOT, SESSION_KIND_USER, SESSION_KIND_VISITOR } from './wire.js';

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
export const verify = /* @__PURE__ */ bearer(call, glue.verifySession, 'verifySession');
export const verifySession = /* @__PURE__ */ verifier(verify);
export const revokeSession = /* @__PURE__ */ bearer(call, glue.revokeSession, 'revokeSession');
export const refreshAccessToken = /* @__PURE__ */ call(
  'refreshAccessToken',
  [{ run: glue.refreshAccessToken }],
  identity,
  { credential: 'refreshToken' },
);

// The calls of the browser entry. SessionClient uses some of them too. Apart from `verifySession`,
// which uses `verify`, no call needs another one, so a bundler drops the calls that an app does not
// use.
import * as glue from '../wasm/browser_bg.js';
import { makeCall } from './browser-wasm.js';
import { identity, makeSessionCall, makeTokenCall, makeVerifySession } from './calls.js';
import { SESSION_KIND_BOT, SESSION_KIND_USER, SESSION_KIND_VISITOR } from './wire.js';

export const createSession = /* @__PURE__ */ makeSessionCall(
  makeCall,
  glue.createSession,
  'createSession',
  SESSION_KIND_USER,
);
export const createVisitorSession = /* @__PURE__ */ makeSessionCall(
  makeCall,
  glue.createSession,
  'createVisitorSession',
  SESSION_KIND_VISITOR,
);
export const createBotSession = /* @__PURE__ */ makeSessionCall(
  makeCall,
  glue.createSession,
  'createBotSession',
  SESSION_KIND_BOT,
);
/** Throws if the service rejects the token; `verifySession` returns the reason instead. */
export const verify = /* @__PURE__ */ makeTokenCall(makeCall, glue.verifySession, 'verifySession');
export const verifySession = /* @__PURE__ */ makeVerifySession(verify);
export const revokeSession = /* @__PURE__ */ makeTokenCall(
  makeCall,
  glue.revokeSession,
  'revokeSession',
);
export const refreshAccessToken = /* @__PURE__ */ makeCall(
  'refreshAccessToken',
  [{ run: glue.refreshAccessToken }],
  identity,
  { credential: 'refreshToken' },
);

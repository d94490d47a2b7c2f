// The calls of the edge entry, except administration. No call needs another exported call, so a
// bundler drops the calls that an app does not use.
import * as glue from '../wasm/edge_bg.js';
import { AuthToken } from './auth-token.js';
import { makeSessionCall, makeTokenCall, makeVerifySession, toSession } from './calls.js';
import { makeCall } from './edge-wasm.js';
import {
  INPUT_AUTH_TOKEN,
  SESSION_KIND_BOT,
  SESSION_KIND_USER,
  SESSION_KIND_VISITOR,
} from './wire.js';

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
export const verifySession = /* @__PURE__ */ makeVerifySession(
  /* @__PURE__ */ makeTokenCall(makeCall, glue.verifySession, 'verifySession'),
);
export const revokeSession = /* @__PURE__ */ makeTokenCall(
  makeCall,
  glue.revokeSession,
  'revokeSession',
);

const NEEDS_SERVER_KEY = { credential: 'serverKey', inOptions: true };

/** @param {unknown[]} list @param {{ token: string }} minted */
const withAuthToken = (list, { token }) => Object.assign([...list], { [INPUT_AUTH_TOKEN]: token });

export const createAuthToken = /* @__PURE__ */ makeCall(
  'createAuthToken',
  [{ run: glue.createAuthToken }],
  (fields, context) => new AuthToken(fields, context),
  NEEDS_SERVER_KEY,
);
export const exchangeSession = /* @__PURE__ */ makeCall(
  'exchangeSession',
  [{ run: glue.exchangeSession }, { run: glue.redeemSession, change: withAuthToken }],
  toSession,
  { ...NEEDS_SERVER_KEY, hasSessionVersion: true },
);

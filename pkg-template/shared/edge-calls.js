// The calls of the edge entry, except administration. Each is independent, so a bundler drops
// unused ones.
import * as glue from '../wasm/edge_bg.js';
import { AuthToken } from './auth-token.js';
import { bearer, creator, toSession, verifier } from './calls.js';
import { call } from './edge-wasm.js';
import {
  INPUT_AUTH_TOKEN,
  SESSION_KIND_BOT,
  SESSION_KIND_USER,
  SESSION_KIND_VISITOR,
} from './wire.js';

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
export const verifySession = /* @__PURE__ */ verifier(
  /* @__PURE__ */ bearer(call, glue.verifySession, 'verifySession'),
);
export const revokeSession = /* @__PURE__ */ bearer(call, glue.revokeSession, 'revokeSession');

const SERVER_KEY = { credential: 'serverKey', inOptions: true };

/** @param {unknown[]} list @param {{ token: string }} minted */
const withAuthToken = (list, { token }) => Object.assign([...list], { [INPUT_AUTH_TOKEN]: token });

export const createAuthToken = /* @__PURE__ */ call(
  'createAuthToken',
  [{ run: glue.createAuthToken }],
  (fields, called) => new AuthToken(fields, called),
  SERVER_KEY,
);
export const exchangeSession = /* @__PURE__ */ call(
  'exchangeSession',
  [{ run: glue.exchangeSession }, { run: glue.redeemSession, change: withAuthToken }],
  toSession,
  { ...SERVER_KEY, hasSessionVersion: true },
);

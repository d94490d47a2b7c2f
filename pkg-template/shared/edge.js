// The edge entry, whatever the runtime. Each call stands by itself, so that a bundler leaves out
// what a worker does not use.
import { AuthToken } from './auth-token.js';
import { bearer, creator, session, verifier } from './calls.js';
import { call, glue, ready } from './edge-wasm.js';
import { authHandler } from './handler.js';
import { AUTH_TOKEN } from './input.js';
import { signVisitor } from './signatures.js';

export * from './admin.js';
export { SocialPlusError } from './error.js';
export { verifyWebhook } from './signatures.js';
export { version } from './version.js';
export { ready, signVisitor };

export const createSession = /* @__PURE__ */ creator(call, glue, 'createSession');
export const createVisitorSession = /* @__PURE__ */ creator(call, glue, 'createVisitorSession');
export const createBotSession = /* @__PURE__ */ creator(call, glue, 'createBotSession');
export const verifySession = /* @__PURE__ */ verifier(call, glue);
export const revokeSession = /* @__PURE__ */ bearer(call, glue, 'revokeSession');

const secret = { credential: 'serverKey', inOptions: true };
const redeem = (list, { token }) => Object.assign([...list], { [AUTH_TOKEN]: token });

export const createAuthToken = /* @__PURE__ */ call(
  'createAuthToken',
  [[glue.createAuthToken]],
  (fields, asked) => new AuthToken(fields, asked),
  secret,
);
export const exchangeSession = /* @__PURE__ */ call(
  'exchangeSession',
  [[glue.exchangeSession], [glue.redeemSession, 0, redeem]],
  session,
  {
    ...secret,
    versioned: 'sessionApiVersion',
  },
);
export const createAuthHandler = /* @__PURE__ */ authHandler({
  createAuthToken,
  exchangeSession,
  signVisitor,
});

// The edge artifact as an object; each entry says where its wasm is and exports the rest by name.
import * as glue from '../wasm/edge_bg.js';
import { administration } from './admin.js';
import { AuthToken } from './auth-token.js';
import { caller, common, session } from './calls.js';
import { authHandler } from './handler.js';
import { AUTH_TOKEN } from './input.js';
import { loader } from './load.js';
import { signVisitor, verifyWebhook } from './signatures.js';

export const edge = (source) => {
  const ready = loader('edge', glue, source);
  const call = caller(glue, ready);
  const secret = { credential: 'serverKey', inOptions: true };
  const redeem = (list, { token }) => glue.redeemSession(Object.assign([...list], { [AUTH_TOKEN]: token }));
  const calls = {
    ready,
    ...common(glue, call),
    ...administration(glue, call),
    createAuthToken: call('createAuthToken', [glue.createAuthToken], (fields, asked) => new AuthToken(fields, asked), secret),
    exchangeSession: call('exchangeSession', [glue.exchangeSession, redeem], session, { ...secret, versioned: 'sessionApiVersion' }),
    signVisitor,
    verifyWebhook,
  };
  return { ...calls, createAuthHandler: authHandler(calls) };
};

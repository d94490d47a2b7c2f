// The edge artifact as an object; each entry says where its wasm is and exports the rest by name.
import * as glue from '../wasm/edge_bg.js';
import { AuthToken } from './auth-token.js';
import { caller, common, session } from './calls.js';
import { loader } from './load.js';

export const edge = (source) => {
  const ready = loader('edge', glue, source);
  const call = caller(ready);
  const secret = { credential: 'serverKey', inOptions: true };
  return {
    ready,
    ...common(glue, call),
    createAuthToken: call('createAuthToken', glue.createAuthToken, (fields, asked) => new AuthToken(fields, asked), secret),
    exchangeSession: call('exchangeSession', glue.exchangeSession, session, { ...secret, versioned: 'sessionApiVersion' }),
  };
};

// The browser artifact as an object; each entry says where its wasm is and exports the rest by name.
import * as glue from '../wasm/browser_bg.js';
import { caller, common } from './calls.js';
import { loader } from './load.js';

export const browser = (source) => {
  const ready = loader('browser', glue, source);
  const call = caller(glue, ready);
  return {
    ready,
    ...common(glue, call),
    refreshAccessToken: call('refreshAccessToken', [glue.refreshAccessToken], (token) => token, { credential: 'refreshToken' }),
  };
};

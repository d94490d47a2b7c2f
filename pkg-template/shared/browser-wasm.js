// The browser artifact: an entry says where its wasm is (`from`), and every call goes through
// `call`.
import * as glue from '../wasm/browser_bg.js';
import { caller } from './calls.js';
import { loader } from './load.js';

export { glue };
export const { from, ready } = loader('browser', glue);
export const call = caller(glue, ready);

// The browser artifact. The entry of a runtime registers its wasm with `from`; all calls use
// `call`.
import * as glue from '../wasm/browser_bg.js';
import { caller } from './calls.js';
import { loader } from './load.js';

export { glue };
export const { from, ready } = loader('browser', glue);
export const call = caller(glue, ready);

// The browser artifact. The entry of a runtime registers its wasm with `from`; all calls use
// `call`.
import * as glue from '../wasm/browser_bg.js';
import { caller } from './calls.js';
import { loader } from './load.js';

export const { from, ready } = loader('browser', glue.imports, glue.__wbg_set_wasm);
export const call = caller(glue.invoke, glue.interpret, ready);

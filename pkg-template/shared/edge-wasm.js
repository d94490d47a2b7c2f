// The edge artifact. The entry of a runtime registers its wasm with `from`; all calls use `call`.
import * as glue from '../wasm/edge_bg.js';
import { caller } from './calls.js';
import { loader } from './load.js';

export const { from, ready } = loader('edge', glue.imports, glue.__wbg_set_wasm);
export const call = caller(glue.invoke, glue.interpret, ready);

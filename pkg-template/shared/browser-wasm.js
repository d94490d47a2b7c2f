// The browser artifact. The entry of a runtime registers its wasm with `setSource`; all calls use
// `makeCall`.
import * as glue from '../wasm/browser_bg.js';
import { createCallMaker } from './calls.js';
import { createLoader } from './load.js';

export const { setSource, ready } = createLoader('browser', glue.imports, glue.__wbg_set_wasm);
export const makeCall = createCallMaker(glue.invoke, glue.interpret, ready);

// Instantiates a wasm artifact once, at the first call and not at import. After a failure, the next
// call tries again.
import { SocialPlusError } from './error.js';

/** @param {'network' | 'unsupported'} kind @param {string} message */
const createError = (kind, message) =>
  new SocialPlusError({ kind, message, operation: 'ready', retryable: kind === 'network' });

/**
 * @param {WebAssembly.Imports} imports
 * @param {(exports: any) => void} setExports
 * @param {unknown} given
 * @param {() => unknown} source
 */
async function instantiate(imports, setExports, given, source) {
  if (typeof WebAssembly !== 'object') {
    throw createError(
      'unsupported',
      'This engine has no WebAssembly: call from a server or a browser.',
    );
  }
  /** @type {any} */
  let wasm;
  try {
    wasm = await (given ?? source());
    if (typeof wasm === 'string' || wasm instanceof URL) wasm = await fetch(wasm);
    if (typeof wasm?.arrayBuffer === 'function') {
      if (!wasm.ok) throw wasm.status;
      // instantiateStreaming requires a content type that many servers do not send.
      wasm = await wasm.arrayBuffer();
    }
  } catch {
    throw createError(
      'network',
      'The wasm file could not be loaded: pass the URL of social-plus-auth/wasm/*.wasm to ready().',
    );
  }
  /** @type {any} */
  let instantiated;
  try {
    instantiated = await WebAssembly.instantiate(wasm, imports);
  } catch {
    throw createError(
      'unsupported',
      "The engine refused the wasm file: pass the URL of this version's file to ready(), and " +
        "allow 'wasm-unsafe-eval' in the Content-Security-Policy.",
    );
  }
  // `instantiate` returns {module, instance} for bytes, and the instance for a module. `instanceof`
  // would not recognise a module of another realm.
  const { exports } = instantiated.instance ?? instantiated;
  setExports(exports);
  exports.__wbindgen_start?.();
}

/**
 * Creates the functions that load the artifact `name`, whose glue is wasm/<name>_bg.js. `setSource`
 * takes a function that returns the wasm as a module, bytes, a response or a URL. `ready` resolves
 * when the artifact is instantiated.
 *
 * @param {string} name
 * @param {WebAssembly.ModuleImports} imports
 * @param {(exports: any) => void} setExports
 */
export const createLoader = (name, imports, setExports) => {
  /** @type {() => unknown} */
  let source;
  /** @type {Promise<void> | undefined} */
  let pending;
  return {
    /** @param {() => unknown} newSource */
    setSource(newSource) {
      source = newSource;
    },
    /** @param {unknown} [given] @returns {Promise<void>} */
    ready: (given) =>
      (pending ??= instantiate({ [`./${name}_bg.js`]: imports }, setExports, given, source).catch(
        (error) => {
          pending = undefined;
          throw error;
        },
      )),
  };
};

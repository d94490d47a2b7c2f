// Instantiates a wasm artifact: at the first call, never at import, and once for all calls. After a
// failure the next call tries again.
import { SocialPlusError } from './error.js';

/** @param {'network' | 'unsupported'} kind @param {string} message */
const failed = (kind, message) =>
  new SocialPlusError({ kind, message, operation: 'ready', retryable: kind === 'network' });

/**
 * @param {WebAssembly.Imports} imports
 * @param {(exports: any) => void} setExports
 * @param {unknown} given
 * @param {() => unknown} source
 */
async function instantiate(imports, setExports, given, source) {
  if (typeof WebAssembly !== 'object') {
    throw failed('unsupported', 'This engine has no WebAssembly: call from a server or a browser.');
  }
  /** @type {any} */
  let from;
  try {
    from = await (given ?? source());
    if (typeof from === 'string' || from instanceof URL) from = await fetch(from);
    if (typeof from?.arrayBuffer === 'function') {
      if (!from.ok) throw from.status;
      // instantiateStreaming requires a content type that many servers do not send.
      from = await from.arrayBuffer();
    }
  } catch {
    throw failed(
      'network',
      'The wasm file could not be loaded: pass the URL of social-plus-auth/wasm/*.wasm to ready().',
    );
  }
  /** @type {any} */
  let instantiated;
  try {
    instantiated = await WebAssembly.instantiate(from, imports);
  } catch {
    throw failed(
      'unsupported',
      "The engine refused the wasm file: pass the URL of this version's file to ready(), and " +
        "allow 'wasm-unsafe-eval' in the Content-Security-Policy.",
    );
  }
  // Bytes give {module, instance}; a module gives the instance. `instanceof` would fail for a
  // module of another realm.
  const { exports } = instantiated.instance ?? instantiated;
  setExports(exports);
  exports.__wbindgen_start?.();
}

/**
 * Makes `ready` of the artifact `name`, whose glue is wasm/<name>_bg.js. `from` registers where the
 * wasm comes from: a function that returns a module, bytes, a response or a URL.
 *
 * @param {string} name
 * @param {WebAssembly.ModuleImports} imports
 * @param {(exports: any) => void} setExports
 */
export const loader = (name, imports, setExports) => {
  /** @type {() => unknown} */
  let source;
  /** @type {Promise<void> | undefined} */
  let pending;
  return {
    /** @param {() => unknown} where */
    from(where) {
      source = where;
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

// Brings a wasm artifact to life: once, whoever asks and however often, and never at import. A
// failed attempt is forgotten, so the next call tries again.
import { SocialPlusError } from './error.js';

const failed = (kind, message) =>
  new SocialPlusError({ kind, message, operation: 'ready', retryable: kind === 'network' });

async function instantiate(glue, imports, given, source) {
  if (typeof WebAssembly !== 'object') {
    throw failed(
      'unsupported',
      "This engine has no WebAssembly (React Native's Hermes, say): call social-plus-auth on a server or in a browser.",
    );
  }
  let from;
  try {
    from = await (given ?? source());
    if (typeof from === 'string' || from instanceof URL) from = await fetch(from);
    if (typeof from?.arrayBuffer === 'function') {
      if (!from.ok) throw from.status;
      // Not instantiateStreaming: it wants a content type that many servers do not send, and the
      // file is small.
      from = await from.arrayBuffer();
    }
  } catch {
    throw failed(
      'network',
      'The WebAssembly file of social-plus-auth could not be loaded: pass the address of social-plus-auth/wasm/*.wasm to ready().',
    );
  }
  let made;
  try {
    made = await WebAssembly.instantiate(from, imports);
  } catch {
    throw failed(
      'unsupported',
      "What came as the WebAssembly file of social-plus-auth was refused. Is it that file, of this version, not an HTML page? Pass its address to ready(). A Content-Security-Policy needs 'wasm-unsafe-eval'.",
    );
  }
  // Bytes give {module, instance}, a module gives the instance. No `instanceof`: a module may come
  // from another realm.
  const { exports } = made.instance ?? made;
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start?.();
}

/**
 * `ready` of the artifact `name`, whose glue is the namespace of wasm/<name>_bg.js. `from` says
 * where the wasm is: a function that gives a module, bytes, a response or an address, called when
 * it is needed.
 */
export const loader = (name, glue) => {
  let source;
  let pending;
  return {
    from(where) {
      source = where;
    },
    ready: (given) =>
      (pending ??= instantiate(glue, { [`./${name}_bg.js`]: glue }, given, source).catch(
        (error) => {
          pending = undefined;
          throw error;
        },
      )),
  };
};

// Replaces the global coders in the emulator's glue, which creates them at import. An engine
// without WebAssembly may lack them too (React Native's Hermes). A call must then fail with the
// message of load.js; the import must not fail with a ReferenceError.
export const TextDecoder =
  globalThis.TextDecoder ??
  class {
    decode() {}
  };
export const TextEncoder = globalThis.TextEncoder ?? class {};

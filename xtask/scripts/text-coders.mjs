// Bundled into the glue, which makes its coders when it is imported: an engine without WebAssembly
// may lack them too (React Native's Hermes), and is to get load.js's sentence from a call, no
// ReferenceError from an import.
export const TextDecoder =
  globalThis.TextDecoder ??
  class {
    decode() {}
  };
export const TextEncoder = globalThis.TextEncoder ?? class {};

// Replaces the global `TextDecoder` and `TextEncoder` in the emulator's glue, which creates one of
// each at import. An engine without WebAssembly, such as React Native's Hermes, may lack these two
// as well. Without this file, the import would then fail with a ReferenceError. With it, the import
// succeeds, and a call fails with the message of load.js.
export const TextDecoder =
  globalThis.TextDecoder ??
  class {
    decode() {}
  };
export const TextEncoder = globalThis.TextEncoder ?? class {};

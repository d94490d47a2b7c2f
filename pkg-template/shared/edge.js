// The edge entry for all runtimes.
export * from './admin.js';
export * from './edge-calls.js';
export { ready } from './edge-wasm.js';
export { SocialPlusError } from './error.js';
export { createAuthHandler } from './handler.js';
export { signVisitor, verifyWebhook } from './signatures.js';
export { version } from './version.js';

// The edge entry in a page, where every call fails. The list of calls is generated.
export { SocialPlusError } from '../shared/error.js';
export { createAuthHandler } from '../shared/refuse.js';
export * from '../shared/refused-calls.js';
export { version } from '../shared/version.js';

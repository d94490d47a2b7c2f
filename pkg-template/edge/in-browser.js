// What a page gets that imports the edge entry: a sentence. A guard rail only; the boundary is that the server key is never there.
import { SocialPlusError } from '../shared/error.js';

const refuse = async () => {
  throw new SocialPlusError({
    kind: 'unsupported',
    operation: 'edge',
    message: 'social-plus-auth/edge holds the server key and does not run in a page. Call it in your backend or edge worker; in the page import social-plus-auth.',
  });
};

export { refuse as createAuthToken, refuse as createSession, refuse as exchangeSession, refuse as ready, refuse as revokeSession, refuse as verifySession };
export { SocialPlusError };
export { version } from '../shared/version.js';

// The edge entry in a page: every call fails with an explanation. This entry guards against
// mistakes. It does not protect the server key, which no page may contain.
import { SocialPlusError } from './error.js';

/**
 * Throws instead of returning a promise, because the real function is not asynchronous either.
 *
 * @returns {never}
 */
export const createAuthHandler = () => {
  throw new SocialPlusError({
    kind: 'unsupported',
    operation: 'edge',
    message:
      'social-plus-auth/edge holds the server key and does not run in a page. Call it in your ' +
      'backend or edge worker; in the page import social-plus-auth.',
  });
};

/** Replaces every asynchronous function of the edge entry. */
export const refuse = async () => createAuthHandler();

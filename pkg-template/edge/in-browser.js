// The edge entry in a page: every call fails with an explanation. This entry guards against
// mistakes. It does not protect the server key, which no page may contain.
import { SocialPlusError } from '../shared/error.js';

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
const refuse = async () => createAuthHandler();

export {
  refuse as createAuthToken,
  refuse as createBotSession,
  refuse as createSession,
  refuse as createVisitorSession,
  refuse as exchangeSession,
  refuse as getAdminToken,
  refuse as getNetwork,
  refuse as getSecurityConfig,
  refuse as getServerKeyInfo,
  refuse as issueAdminToken,
  refuse as issueServerKey,
  refuse as ready,
  refuse as revokeAdminToken,
  refuse as revokeSession,
  refuse as revokeUserSessions,
  refuse as setNetworkPush,
  refuse as setSecureMode,
  refuse as setSecurityConfig,
  refuse as signVisitor,
  refuse as verifySession,
  refuse as verifyWebhook,
};
export { SocialPlusError };
export { version } from '../shared/version.js';

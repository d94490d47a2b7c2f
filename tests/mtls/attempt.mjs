// Makes two calls that require a client certificate and one that does not. All use the given
// `fetch`, which presents the certificate, if there is one. Runs on every engine.
import { createAuthToken, getNetwork, verifySession } from 'social-plus-auth/edge';

/** Returns the outcome of each call as plain data: a value, or the fields of an error. */
export const attempt = async ({ endpoint, serverKey, adminToken }, fetch) => {
  const options = { endpoint, fetch, retry: false };
  const calls = {
    authToken: async () =>
      typeof (await createAuthToken({ ...options, serverKey }, { userId: 'ada' })).token,
    admin: async () => (await getNetwork({ ...options, adminToken })).useSecureAuthentication,
    unprotected: async () => (await verifySession(options, 'no-token')).reason,
  };
  const outcomes = {};
  for (const [name, call] of Object.entries(calls)) {
    outcomes[name] = await call().catch(({ name, kind, message, retryable }) => ({
      name,
      kind,
      message,
      retryable,
    }));
  }
  return outcomes;
};

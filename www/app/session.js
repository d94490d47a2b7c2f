// The session of this browser: one `SessionClient` in each tab, and before it the app's own
// sign-in.
import { SessionClient } from 'social-plus-auth';

export const makeClient = (service, clock) =>
  new SessionClient({ ...service, clock, storage: 'local', authTokenFrom: '/auth/token' });

/**
 * Secure mode as it goes: sign in to the app, then to social.plus; the client asks the worker for
 * an auth token by itself.
 */
export async function signIn(client, backend, person) {
  // A session that the service has ended stays so until it is left.
  if (client.state === 'terminated') await client.logout();
  await backend.signIn(person.userId);
  await client.login({ userId: person.userId });
}

/** Signed out in every tab, with or without a network; whether the service knows already. */
export async function signOut(client, backend) {
  const [{ revoked }] = await Promise.all([client.logout(), backend.signOut().catch(() => {})]);
  return revoked;
}

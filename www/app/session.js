// Creates the `SessionClient` of a tab, and signs in to and out of both the app and social.plus.
import { SessionClient } from 'social-plus-auth';

/** @import { ServiceOptions } from 'social-plus-auth' */
/** @import { Person } from '../types.js' */
/** @import { Backend } from './backend.js' */
/** @import { AdjustableClock } from './clock.js' */

/**
 * @param {ServiceOptions} service
 * @param {AdjustableClock} clock
 */
export const createClient = (service, clock) =>
  new SessionClient({ ...service, clock, storage: 'local', authTokenFrom: '/auth/token' });

/**
 * Signs in to the app, then to social.plus. In secure mode the client requests the auth token from
 * the worker automatically.
 *
 * @param {SessionClient} client
 * @param {Backend} backend
 * @param {Person} person
 */
export async function signIn(client, backend, person) {
  // The client leaves the state `terminated` only by a logout.
  if (client.state === 'terminated') await client.logout();
  await backend.signIn(person.userId);
  await client.login({ userId: person.userId });
}

/**
 * Signs out of the app and, in every tab, of social.plus. Offline, the app's cookie cannot be
 * removed, so it remains. Returns whether the service has revoked the token.
 *
 * @param {SessionClient} client
 * @param {Backend} backend
 */
export async function signOut(client, backend) {
  const [{ revoked }] = await Promise.all([client.logout(), backend.signOut().catch(() => {})]);
  return revoked;
}

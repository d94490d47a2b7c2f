// The session of this browser: one `SessionClient` in each tab, and the app's own sign-in.
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
  // Only a logout leaves the `terminated` state.
  if (client.state === 'terminated') await client.logout();
  await backend.signIn(person.userId);
  await client.login({ userId: person.userId });
}

/**
 * Signs out in every tab, online or offline. Returns whether the service has revoked the token.
 *
 * @param {SessionClient} client
 * @param {Backend} backend
 */
export async function signOut(client, backend) {
  const [{ revoked }] = await Promise.all([client.logout(), backend.signOut().catch(() => {})]);
  return revoked;
}

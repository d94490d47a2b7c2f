// Provokes five failures. Each sends real requests to the emulator, with a device id of its own, so
// that the page's session is not affected.
import { createSession } from 'social-plus-auth';
import { people } from '../people.js';
import { TRIAL_PREFIX } from './wording.js';

/** @import { ServiceOptions, SessionClient } from 'social-plus-auth' */
/** @import { Person } from '../types.js' */
/** @import { Backend } from './backend.js' */

const member = /** @type {Person} */ (people.find((person) => !person.isBanned));
const bannedMember = /** @type {Person} */ (people.find((person) => person.isBanned));

export const failures = [
  { action: 'no-auth-token', title: 'No auth token', summary: 'Sends only the API key' },
  {
    action: 'wrong-server-key',
    title: 'Wrong server key',
    summary: 'Missed a key rotation',
  },
  { action: 'banned-user', title: 'Banned user', summary: 'Rowan tries to sign in' },
  { action: 'rate-limited', title: 'Rate limit', summary: 'Retry after 30 seconds' },
  { action: 'service-down', title: 'Service down', summary: 'Three attempts, then an error' },
];

/**
 * Provokes a failure and returns its error. Afterwards, restores the app's cookie and ends the
 * failure in the emulator; the page's session does not change.
 *
 * @param {string} action
 * @param {object} context
 * @param {ServiceOptions} context.service
 * @param {Backend} context.backend
 * @param {Backend} context.untracedBackend - sends requests that the diagram does not show
 * @param {SessionClient} context.client
 * @returns {Promise<unknown>}
 */
export async function provokeFailure(action, { service, backend, untracedBackend, client }) {
  try {
    await fetch(`/demo/fail/${action}`, { method: 'POST' });
    const { userId } = action === 'banned-user' ? bannedMember : member;
    const deviceId = TRIAL_PREFIX + crypto.randomUUID();
    let authToken;
    if (action !== 'no-auth-token') {
      await backend.signIn(userId);
      const route = action === 'wrong-server-key' ? '/demo/stale-key/auth/token' : undefined;
      authToken = await backend.requestAuthToken(deviceId, route);
    }
    await createSession(service, { userId, deviceId, authToken });
    return new Error('The request did not fail.');
  } catch (error) {
    return error;
  } finally {
    await fetch('/demo/fail/nothing', { method: 'POST' });
    await (client.userId ? untracedBackend.signIn(client.userId) : untracedBackend.signOut());
  }
}

// Five ways to fail, each made for real: against the emulator, on a device of its own, so that the
// page's session is not touched.
import { createSession } from 'social-plus-auth';
import { people } from '../people.js';

const someone = people.find((person) => !person.banned);
const banned = people.find((person) => person.banned);

export const failures = [
  { action: 'no-auth-token', title: 'No auth token', says: 'Nothing but the API key' },
  {
    action: 'wrong-server-key',
    title: 'Wrong server key',
    says: 'A worker that missed a rotation',
  },
  { action: 'banned-user', title: 'Banned user', says: 'Rowan’s weeds have a history' },
  { action: 'rate-limited', title: 'Rate limit', says: 'Come back in 30 seconds' },
  { action: 'service-down', title: 'Service down', says: 'Three attempts, then an error' },
];

/**
 * Resolves with the error that the attempt ended in. Afterwards the app's cookie, the faults and
 * the session are as before.
 */
export async function provoke(action, { service, backend, quietly, client }) {
  const attempt = async ({ person = someone, route, withToken = true } = {}) => {
    const deviceId = `trial-${crypto.randomUUID()}`;
    let authToken;
    if (withToken) {
      await backend.signIn(person.userId);
      authToken = await backend.authToken(deviceId, route);
    }
    return createSession(service, { userId: person.userId, deviceId, authToken });
  };
  const attempts = {
    'no-auth-token': () => attempt({ withToken: false }),
    'wrong-server-key': () => attempt({ route: '/demo/stale-key/auth/token' }),
    'banned-user': () => attempt({ person: banned }),
    'rate-limited': () => attempt(),
    'service-down': () => attempt(),
  };
  try {
    await fetch(`/demo/fail/${action}`, { method: 'POST' });
    await attempts[action]();
    return new Error('It did not fail.');
  } catch (error) {
    return error;
  } finally {
    await fetch('/demo/fail/nothing', { method: 'POST' });
    await (client.userId ? quietly.signIn(client.userId) : quietly.signOut());
  }
}

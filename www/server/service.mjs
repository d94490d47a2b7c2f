// The service behind the demo: the emulator in secure mode on a loopback port. Subscribers are told
// of each request with the server key, which the page cannot see because the worker sends it, and
// of each session that is created, even if the response is lost.
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { people } from '../people.js';
import { observed } from './observe.mjs';

/** @import { Emulator, Fault } from 'social-plus-auth/emulator' */
/** @import { ServiceEvent } from '../types.js' */

/** @typedef {Awaited<ReturnType<typeof startService>>} Service */

// Marks the demo's own requests during setup.
const SETUP_DEVICE = 'demo-setup';

/** @param {unknown} body */
const deviceOf = (body) => /** @type {{ deviceId?: string } | null} */ (body)?.deviceId;

/**
 * Starts the emulator.
 *
 * @param {string} [serverKey] - for a test that searches for it; by default the emulator makes one
 */
export async function startService(serverKey) {
  const emulator = await createEmulator({ serverKey });
  await banUsers(emulator);
  emulator.setSecureMode(true);
  /** @type {Set<(event: ServiceEvent) => void>} */
  const listeners = new Set();
  let aheadMs = 0;
  let isLosing = false;
  const loseNextResponse = () => emulator.faults.add({ ...sessions, drop: 'afterHandling' });
  const { url, close } = await listen(
    observed(emulator, (event) => {
      if (event.phase === 'session' && event.isLost) isLosing = false;
      if (event.phase === 'session' && event.deviceId === SETUP_DEVICE) return;
      listeners.forEach((listener) => listener(event));
    }),
  );
  return {
    origin: new URL(url).origin,
    apiKey: emulator.apiKey,
    serverKey: emulator.serverKey,
    requests: () => emulator.requests.filter(({ body }) => deviceOf(body) !== SETUP_DEVICE),
    /** @param {(event: ServiceEvent) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /**
     * Makes the next requests fail in the named way. Any other name ends the failure, and restores
     * a lost response that was pending.
     *
     * @param {string} name
     */
    fail(name) {
      emulator.faults.clear();
      if (Object.hasOwn(faults, name)) faults[name]?.forEach((fault) => emulator.faults.add(fault));
      else if (isLosing) loseNextResponse();
    },
    /**
     * Chooses whether the service loses its response after it has created the next session.
     *
     * @param {boolean} shouldLose
     */
    setLosing(shouldLose) {
      emulator.faults.clear();
      isLosing = shouldLose;
      if (shouldLose) loseNextResponse();
    },
    /** Advances the service's clock, and returns how far it is ahead of the real one. */
    advanceClock(ms = 0) {
      emulator.clock.advance(ms);
      return (aheadMs += ms);
    },
    banned: () =>
      emulator.users().flatMap(({ userId, isGlobalBan }) => (isGlobalBan ? [userId] : [])),
    /**
     * Bans a user, or lifts the ban. Returns false if the service does not know the user.
     *
     * @param {string} userId
     * @param {boolean} isBanned
     */
    setBanned(userId, isBanned) {
      if (!emulator.users().some((user) => user.userId === userId)) return false;
      if (isBanned) emulator.banUser(userId);
      else emulator.unbanUser(userId);
      return true;
    },
    close,
  };
}

const sessions = { method: 'POST', path: '/api/v5/sessions' };
/**
 * The library reports a `Retry-After` of 30 s to the app instead of waiting, and gives up after
 * three attempts.
 *
 * @type {Record<string, Fault[]>}
 */
const faults = {
  'rate-limited': [
    {
      ...sessions,
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '30' },
      body: JSON.stringify({ status: 'error', code: 400311, message: 'Too many requests.' }),
    },
  ],
  'service-down': [
    {
      ...sessions,
      times: 3,
      status: 503,
      headers: { 'content-type': 'text/plain' },
      body: 'upstream connect error',
    },
  ],
  // These fail without a fault.
  'no-auth-token': [],
  'wrong-server-key': [],
  'banned-user': [],
};

export const failureNames = Object.keys(faults);

/**
 * Bans the people whom the demo lists as banned. The service must know a user before it can ban
 * them, so each first gets a session.
 *
 * @param {Emulator} emulator
 */
async function banUsers(emulator) {
  for (const { userId, name } of people.filter((person) => person.isBanned)) {
    await createSession(
      { endpoint: 'http://127.0.0.1', apiKey: emulator.apiKey, fetch: emulator.fetch },
      { userId, displayName: name, deviceId: SETUP_DEVICE },
    );
    emulator.banUser(userId);
  }
}

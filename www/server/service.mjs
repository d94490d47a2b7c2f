// Runs the service behind the demo: the emulator in secure mode, on a loopback port. Subscribers
// learn of two kinds of requests: those with the server key, which the page cannot see because the
// worker sends them, and those for a session, whose responses may be lost.
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { people } from '../people.js';
import { observe } from './observe.mjs';

/** @import { Emulator, Fault } from 'social-plus-auth/emulator' */
/** @import { ServiceEvent } from '../types.js' */

/** @typedef {Awaited<ReturnType<typeof startService>>} Service */

// The device id of the requests that the demo itself sends during setup. They are not reported.
const SETUP_DEVICE = 'demo-setup';

/** @param {unknown} body */
const readDeviceId = (body) => /** @type {{ deviceId?: string } | null} */ (body)?.deviceId;

/**
 * Starts the emulator.
 *
 * @param {string} [serverKey] - a test sets it, and then checks that no response to the page
 *   contains it; by default the emulator generates one
 */
export async function startService(serverKey) {
  const emulator = await createEmulator({ serverKey });
  await banUsers(emulator);
  emulator.setSecureMode(true);
  /** @type {Set<(event: ServiceEvent) => void>} */
  const listeners = new Set();
  let aheadMs = 0;
  let isLossScheduled = false;
  const loseNextResponse = () => emulator.faults.add({ ...sessionRequests, drop: 'afterHandling' });
  const { url, close } = await listen(
    observe(emulator, (event) => {
      if (event.phase === 'session' && event.isLost) isLossScheduled = false;
      if (event.phase === 'session' && event.deviceId === SETUP_DEVICE) return;
      listeners.forEach((listener) => listener(event));
    }),
  );
  return {
    origin: new URL(url).origin,
    apiKey: emulator.apiKey,
    serverKey: emulator.serverKey,
    listRequests: () => emulator.requests.filter(({ body }) => readDeviceId(body) !== SETUP_DEVICE),
    /** @param {(event: ServiceEvent) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /**
     * Replaces the current failure with the named one. If that failure has faults, they make the
     * next session requests fail. A name that is not in `failureNames` only ends the current
     * failure; a loss that was scheduled (see `setLossScheduled`) then applies again.
     *
     * @param {string} name
     */
    fail(name) {
      emulator.faults.clear();
      if (Object.hasOwn(faults, name)) faults[name]?.forEach((fault) => emulator.faults.add(fault));
      else if (isLossScheduled) loseNextResponse();
    },
    /**
     * Schedules or cancels the loss of a response: the service creates the next session, but its
     * response does not arrive. Also ends the current failure.
     *
     * @param {boolean} isScheduled
     */
    setLossScheduled(isScheduled) {
      emulator.faults.clear();
      isLossScheduled = isScheduled;
      if (isScheduled) loseNextResponse();
    },
    /**
     * Advances the service's clock, and returns how many milliseconds it is ahead of the real
     * clock.
     */
    advanceClock(ms = 0) {
      emulator.clock.advance(ms);
      return (aheadMs += ms);
    },
    listBannedUsers: () =>
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

const sessionRequests = { method: 'POST', path: '/api/v5/sessions' };
/**
 * The faults of each failure. One response with a `Retry-After` of 30 s suffices, because the
 * library reports such an error to the app instead of waiting. The status 503 must occur three
 * times, because the library makes three attempts.
 *
 * @type {Record<string, Fault[]>}
 */
const faults = {
  'rate-limited': [
    {
      ...sessionRequests,
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '30' },
      body: JSON.stringify({ status: 'error', code: 400311, message: 'Too many requests.' }),
    },
  ],
  'service-down': [
    {
      ...sessionRequests,
      times: 3,
      status: 503,
      headers: { 'content-type': 'text/plain' },
      body: 'upstream connect error',
    },
  ],
  // The requests of the page cause these failures, so the service needs no fault.
  'no-auth-token': [],
  'wrong-server-key': [],
  'banned-user': [],
};

export const failureNames = Object.keys(faults);

/**
 * Bans the people whom the demo lists as banned. The service can only ban a user whom it knows, so
 * each of them first gets a session.
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

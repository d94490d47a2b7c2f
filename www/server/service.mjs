// The service behind the demo: the emulator in secure mode on a loopback port, with an ear on its
// door. Whoever listens hears every request that bears the server key begin and end (those are the
// worker's, which the page cannot see by itself), and of every session that was made, also when its
// answer got lost.
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { people } from '../people.js';
import { tapped } from './tap.mjs';

// Marks what the demo itself asked for before anyone came.
const ownDevice = 'demo-setup';

/** `serverKey` is for a test that wants to look for it; otherwise the emulator draws one. */
export async function startService(serverKey) {
  const emulator = await createEmulator({ serverKey });
  await banTheBanned(emulator);
  emulator.setSecureMode(true);
  const listeners = new Set();
  const tell = (event) => listeners.forEach((listener) => listener(event));
  let aheadMs = 0;
  let isLosing = false;
  const loseAnswer = () => emulator.faults.add({ ...sessions, drop: 'afterHandling' });
  const hear = (event) => {
    if (event.isLost) isLosing = false;
    if (event.deviceId !== ownDevice) tell(event);
  };
  const { url, close } = await listen(tapped(emulator, hear));
  return {
    origin: new URL(url).origin,
    apiKey: emulator.apiKey,
    serverKey: emulator.serverKey,
    requests: () => emulator.requests.filter(({ body }) => body?.deviceId !== ownDevice),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /**
     * A failure by name has the service to itself; with any other name things are again as they
     * were.
     */
    fail(name) {
      emulator.faults.clear();
      if (Object.hasOwn(faults, name)) faults[name].forEach((fault) => emulator.faults.add(fault));
      else if (isLosing) loseAnswer();
    },
    /** The next session is made, and nobody hears of it. */
    loseNextAnswer(wanted) {
      emulator.faults.clear();
      isLosing = wanted;
      if (wanted) loseAnswer();
    },
    /** How far its clock is ahead of the real one, after it has been turned by so much more. */
    turn(ms = 0) {
      emulator.clock.advance(ms);
      return (aheadMs += ms);
    },
    banned: () =>
      emulator.users().flatMap(({ userId, isGlobalBan }) => (isGlobalBan ? [userId] : [])),
    /** Whether the service knows the user at all. */
    ban(userId, wanted) {
      if (!emulator.users().some((user) => user.userId === userId)) return false;
      wanted ? emulator.banUser(userId) : emulator.unbanUser(userId);
      return true;
    },
    close,
  };
}

const sessions = { method: 'POST', path: '/api/v5/sessions' };
// A `Retry-After` of 30 s is longer than the library waits by itself, so the app is told; three
// answers are as many as it asks for before it gives up.
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
  // These fail by themselves.
  'no-auth-token': [],
  'wrong-server-key': [],
  'banned-user': [],
};

export const failureNames = Object.keys(faults);

/** Only a user whom the service knows can be banned, and it knows whoever had a session. */
async function banTheBanned(emulator) {
  for (const { userId, name } of people.filter((person) => person.banned)) {
    await createSession(
      { endpoint: 'http://127.0.0.1', apiKey: emulator.apiKey, fetch: emulator.fetch },
      { userId, displayName: name, deviceId: ownDevice },
    );
    emulator.banUser(userId);
  }
}

// The service behind the demo: the emulator in secure mode on a loopback port, with an ear on its door. Whoever listens hears every request
// that bears the server key begin and end: those are the worker's, which the page cannot see by itself.
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { people } from '../people.js';

// Marks what the demo itself asked for before anyone came.
const ownDevice = 'demo-setup';

/** `serverKey` is for a test that wants to look for it; otherwise the emulator draws one. */
export async function startService(serverKey) {
  const emulator = await createEmulator({ serverKey });
  await banTheBanned(emulator);
  emulator.setSecureMode(true);
  const listeners = new Set();
  const tell = (event) => listeners.forEach((listener) => listener(event));
  const { url, close } = await listen(tapped(emulator, tell));
  return {
    origin: new URL(url).origin,
    apiKey: emulator.apiKey,
    serverKey: emulator.serverKey,
    requests: () => emulator.requests.filter(({ body }) => body?.deviceId !== ownDevice),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fail(name) {
      emulator.faults.clear();
      if (Object.hasOwn(faults, name)) emulator.faults.add(faults[name]);
    },
    close,
  };
}

const sessions = { method: 'POST', path: '/api/v5/sessions' };
// A `Retry-After` of 30 s is longer than the library waits by itself, so the app is told; three answers are as many as it asks for before
// it gives up.
const faults = {
  'rate-limited': {
    ...sessions,
    status: 429,
    headers: { 'content-type': 'application/json', 'retry-after': '30' },
    body: JSON.stringify({ status: 'error', code: 400311, message: 'Too many requests.' }),
  },
  'service-down': { ...sessions, times: 3, status: 503, headers: { 'content-type': 'text/plain' }, body: 'upstream connect error' },
};

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

/** The same emulator, its `fetch` overheard. */
function tapped(emulator, tell) {
  let count = 0;
  const overheard = async (input, init) => {
    const request = new Request(input, init);
    if (!request.headers.has('x-server-key')) return emulator.fetch(request);
    const id = `service-${(count += 1)}`;
    const { method } = request;
    const path = new URL(request.url).pathname;
    const started = performance.now();
    tell({ phase: 'begin', id, method, path });
    try {
      const response = await emulator.fetch(request);
      // What the emulator recorded holds no secret: that is its promise, and the test of the demo looks.
      const { headers, body } = emulator.requests.findLast((known) => known.path === path && known.method === method) ?? {};
      tell({ phase: 'end', id, status: response.status, durationMs: performance.now() - started, headers, body });
      return response;
    } catch (error) {
      tell({ phase: 'end', id, durationMs: performance.now() - started });
      throw error;
    }
  };
  return Object.create(emulator, { fetch: { value: overheard } });
}

// The service of social.plus: the emulator in secure mode, and the app's own token route.
import { createEmulator } from 'social-plus-auth/emulator';

const MINUTE_MS = 60_000;
const SESSIONS = '/api/v5/sessions';

export const createEmulated = async (url) => {
  const emulator = await createEmulator({ secureMode: true });
  const call = (path, init) => emulator.fetch(`${url}${path}`, init);
  const convert = async (response) => ({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  });
  const mint = async (userId) => {
    const response = await call('/api/v4/authentication/token', {
      method: 'POST',
      body: JSON.stringify({ userId }),
      headers: { 'x-server-key': emulator.serverKey, 'content-type': 'application/json' },
    });
    return { status: response.status, headers: {}, body: JSON.parse(await response.text()) };
  };
  return {
    config: { url, apiKey: emulator.apiKey },
    /** Whether a renewal needs an auth token from the app's own route. */
    hasTokenRoute: true,
    lifetimeMs: 30 * 24 * 60 * MINUTE_MS,
    handle({ method, path, url: address, headers, body }) {
      if (path === '/auth/token') return mint(new URL(address, url).searchParams.get('user'));
      const hasBody = method !== 'GET' && method !== 'HEAD';
      return call(address, {
        method,
        headers: new Headers(headers),
        body: hasBody ? body : undefined,
      }).then(convert);
    },
    classify({ method, path }) {
      if (path === '/auth/token') return 'authToken';
      if (path === SESSIONS && method === 'POST') return 'session';
      return path === '/api/v4/sessions' ? 'revoke' : 'other';
    },
    countSessionRequests: () =>
      emulator.requests.filter(({ method, path }) => path === SESSIONS && method === 'POST').length,
    isAccepted: async (token) =>
      (await call('/api/v3/sessions', { headers: { authorization: `Bearer ${token}` } })).status ===
      200,
    countValidSessions: () => emulator.sessions().filter(({ valid }) => valid).length,
    ban: (userId) => emulator.banUser(userId),
    advance: (ms) => emulator.clock.advance(ms),
    now: () => emulator.clock.now(),
  };
};

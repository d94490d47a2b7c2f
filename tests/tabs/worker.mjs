// A service worker that signs in, renews and signs out on request, or sends a request with the
// token of a window. A service worker has no `import()`, no `localStorage` and no document.
import { askForToken } from '/docs/worker-token.mjs';
import { SessionClient } from 'social-plus-auth';

let client;

const functions = {
  async signInAndOut(options) {
    const { userId } = await functions.signIn('ada', options);
    const first = await client.accessToken();
    await client.renew();
    const isNew = (await client.accessToken()) !== first;
    const { status } = await client.fetch('/api/v3/network-settings/chat');
    const { revoked } = await functions.signOut();
    return { userId, isNew, status, revoked };
  },
  async signIn(user, options) {
    client = new SessionClient({ endpoint: location.origin, ...options });
    const { userId } = await client.login({ userId: user });
    return { userId, deviceId: await client.getDeviceId() };
  },
  /** Sends a request with the token of a window. Returns the statuses: two if the first is 401. */
  async fetchWithWindowToken() {
    const send = async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch('/api/v3/network-settings/chat', { headers })).status;
    };
    const token = await askForToken();
    const first = await send(token);
    return first === 401 ? [first, await send(await askForToken(token))] : [first];
  },
  async signOut() {
    const { revoked } = await client.logout();
    await client.close();
    return { revoked };
  },
};

addEventListener('install', () => self.skipWaiting());
addEventListener('message', ({ data: [name, ...args], ports: [port] }) =>
  functions[name](...args).then(
    (value) => port.postMessage(value),
    (error) => port.postMessage({ error: `${error.kind ?? error.name}: ${error.message}` }),
  ),
);

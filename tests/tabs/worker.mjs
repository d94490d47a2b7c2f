// A service worker that signs in, renews and signs out on request. A service worker has no
// `import()`, no `localStorage` and no document.
import { SessionClient } from 'social-plus-auth';

const signInAndOut = async (options) => {
  const client = new SessionClient({ endpoint: location.origin, ...options });
  const { userId } = await client.login({ userId: 'ada' });
  const first = await client.accessToken();
  await client.renew();
  const isNew = (await client.accessToken()) !== first;
  const { status } = await client.fetch('/api/v3/network-settings/chat');
  const { revoked } = await client.logout();
  await client.close();
  return { userId, isNew, status, revoked };
};

addEventListener('install', () => self.skipWaiting());
addEventListener('message', ({ data, ports: [port] }) =>
  signInAndOut(data).then(
    (value) => port.postMessage(value),
    (error) => port.postMessage({ error: `${error.kind ?? error.name}: ${error.message}` }),
  ),
);

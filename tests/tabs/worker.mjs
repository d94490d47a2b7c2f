// A service worker: it has wasm by its policy, no `import()`, no `localStorage`, no document. It
// signs in, renews and signs out when asked.
import { SessionClient } from 'social-plus-auth';

addEventListener('install', () => skipWaiting());
addEventListener('message', ({ data, ports: [port] }) => {
  const run = async () => {
    const client = new SessionClient({ endpoint: location.origin, ...data });
    const { userId } = await client.login({ userId: 'ada' });
    const first = await client.accessToken();
    await client.renew();
    const isNew = (await client.accessToken()) !== first;
    const { status } = await client.fetch('/api/v3/network-settings/chat');
    const { revoked } = await client.logout();
    await client.close();
    return { userId, isNew, status, revoked };
  };
  run().then(
    (value) => port.postMessage(value),
    (error) => port.postMessage({ error: `${error.kind ?? error.name}: ${error.message}` }),
  );
});

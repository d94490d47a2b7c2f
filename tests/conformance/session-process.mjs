// Signs clients in, with the real clock. session-node.mjs runs this file as a process and checks
// that the process exits on its own. The argument says whether the clients end up `closed` or
// `idle`.
import { argv } from 'node:process';
import { SessionClient } from 'social-plus-auth';
import { createEmulator } from 'social-plus-auth/emulator';

const { apiKey, fetch, clock, sessions, faults } = await createEmulator();
const items = new Map();
const storage = {
  getItem: async (key) => items.get(key) ?? null,
  setItem: async (key, value) => void items.set(key, value),
  removeItem: async (key) => void items.delete(key),
};
const service = { endpoint: 'https://emulator.test', apiKey, fetch, timeoutMs: 2_147_483_647 };
const shared = { ...service, namespace: 'a process' };
const clients = [service, { ...service, storage }, shared, shared].map(
  (options) => new SessionClient(options),
);
const [alone, , first, second] = clients;
for (const client of clients) await client.login({ userId: 'ada' });
await Promise.all([alone.renew(), first.renew(), alone.fetch('/api/v3/network-settings/chat')]);
// A pending retry must not keep the process alive.
faults.add({ status: 503, headers: { 'retry-after': '86400' } });
await alone.renew().catch(() => {});
// A call that waits for a state that never arrives must not keep the process alive either.
second.states().next();
const states = second.states();
await states.next();
states.next();
if (argv[2] === 'closed') {
  await clients[1].logout();
  await Promise.all(clients.map((client) => client.close()));
}
if (clock.now() > 0 && sessions().some(({ valid }) => valid)) console.log('done');

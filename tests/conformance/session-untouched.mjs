// Imports the browser entry and creates clients while some globals throw: those that some engines
// lack, and those that a worker may use only within a request. session-node.mjs runs this file as a
// process. The argument is the path of the entry.
import { argv } from 'node:process';

const print = console.log;
const touched = [];
const guardedGlobals = [
  ...[
    'window',
    'document',
    'self',
    'location',
    'navigator',
    'history',
    'localStorage',
    'sessionStorage',
    'indexedDB',
    'caches',
  ],
  ...['process', 'Buffer', 'global', 'require', 'setImmediate', 'Deno', 'Bun', 'WebSocketPair'],
  ...[
    'fetch',
    'setTimeout',
    'setInterval',
    'BroadcastChannel',
    'MessageChannel',
    'Worker',
    'crypto',
    'performance',
  ],
];
for (const name of guardedGlobals) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      touched.push(name);
      throw new ReferenceError(`${name} is not defined`);
    },
  });
}
const { SessionClient } = await import(argv[2]);
for (const storage of ['memory', 'local', 'encrypted']) {
  const client = new SessionClient({
    region: 'eu',
    apiKey: 'k',
    storage,
    namespace: 'n',
    authTokenFrom: 'https://app.example/auth/token',
  });
  client.addEventListener('statechange', () => {});
  if (client.state !== 'notLoggedIn' || client.user !== undefined) touched.push('state');
}
print(touched.length ? `touched: ${touched.join(', ')}` : 'untouched');

// Lists the tests that run in Node on the installed package: those of the suite, and those that
// only Node can run, because they use the emulator on a port or start processes.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { equal } from './harness.mjs';
import { listenTests } from './listen.mjs';
import { startServers } from './live-servers.mjs';
import { runProcess, sessionTestsInNode } from './session-node.mjs';
import { listWindowTests } from './session-window.mjs';
import { listTests } from './suite.mjs';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

const windowTests = listWindowTests({ browser, edge, emulator }).map(([name, body]) => ({
  name: `sessions in a window · ${name}`,
  body,
}));

const processTests = [
  {
    name: 'node · a process that imports the entries and makes calls exits on its own',
    // A leftover timer would keep that process alive for weeks.
    body: async () => equal(runProcess('ends.mjs'), 'done\n', 'output'),
  },
  {
    name: 'node · the memory of the WebAssembly holds no secret after a call',
    body: async () => equal(runProcess('../secrets/wasm-memory.mjs'), 'fine\n', 'output'),
  },
];

/** Starts the servers that the tests need. Returns the tests, and a function that stops them. */
export const prepareTests = async () => {
  const { live, close } = await startServers();
  const engine = { live, inspect: (value) => inspect(value, { depth: Infinity }) };
  const suite = listTests({ browser, edge, emulator, vectors, engine });
  return {
    tests: [...suite, ...listenTests, ...windowTests, ...processTests, ...sessionTestsInNode],
    close,
  };
};

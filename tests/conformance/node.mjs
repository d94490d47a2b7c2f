// Runs the suite in Node on the installed package. Then runs the tests that only Node can run:
// those of the emulator on a port, and those that start processes.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { conclude, equal, mergeResults, runTests } from './harness.mjs';
import { listenTests } from './listen.mjs';
import { startServers } from './live-servers.mjs';
import { runProcess, sessionTestsInNode } from './session-node.mjs';
import { run } from './suite.mjs';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

conclude(async () => {
  const { live, close } = await startServers();
  const results = await run({
    browser,
    edge,
    emulator,
    vectors,
    engine: { live, inspect: (value) => inspect(value, { depth: Infinity }) },
  });
  await close();
  const processExitTest = {
    name: 'node · a process that imports the entries and makes calls exits on its own',
    // A leftover timer would keep that process alive for weeks.
    body: async () => equal(runProcess('ends.mjs'), 'done\n', 'output'),
  };
  const memoryTest = {
    name: 'node · the memory of the WebAssembly holds no secret after a call',
    body: async () => equal(runProcess('../secrets/wasm-memory.mjs'), 'fine\n', 'output'),
  };
  return mergeResults(
    results,
    await runTests([...listenTests, processExitTest, memoryTest, ...sessionTestsInNode]),
  );
});

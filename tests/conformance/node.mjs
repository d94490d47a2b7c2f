// Runs the suite in Node on the installed package, the emulator on a port, and processes of their
// own that must end by themselves.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { conclude, equal, joined, runTests } from './harness.mjs';
import { listening } from './listen.mjs';
import { startServers } from './live-servers.mjs';
import { endsByItself, sessionsInNode } from './session-node.mjs';
import { run } from './suite.mjs';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

// A timer that is left behind would hold this process for weeks.
const ends = () => equal(endsByItself('ends.mjs'), 'done\n', 'output');

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
  const ending = {
    name: 'node · a process that imports and calls ends by itself, quietly',
    body: async () => ends(),
  };
  return joined(results, await runTests([...listening, ending, ...sessionsInNode]));
});

// Runs the suite in Node on the installed package, the emulator on a port, and a process of its own that must end by itself.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { conclude, equal, joined, runTests } from './harness.mjs';
import { listening } from './listen.mjs';
import { startServers } from './live-servers.mjs';
import { run } from './suite.mjs';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

// A timer that is left behind would hold this process for weeks; the limit here only keeps a failing run from doing so.
const ends = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('ends.mjs', import.meta.url))], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  equal([status, stdout, stderr], [0, 'done\n', ''], 'status and output');
};

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
  return joined(
    results,
    await runTests([...listening, { name: 'node · a process that imports and calls ends by itself, quietly', body: async () => ends() }]),
  );
});

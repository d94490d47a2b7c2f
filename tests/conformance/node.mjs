// Runs the suite in Node on the installed package, the emulator on a port, and a process of its own that must end by itself.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { report, runTests } from './harness.mjs';
import { listening } from './listen.mjs';
import { startServers } from './live-servers.mjs';
import { run } from './suite.mjs';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));
const { live, close } = await startServers();
const results = await run({ browser, edge, emulator, vectors, engine: { live, inspect: (value) => inspect(value, { depth: Infinity }) } });
await close();
const ports = await runTests(listening);
results.passed += ports.passed;
results.failures.push(...ports.failures);

// A timer that is left behind would hold this process for weeks; the limit here only keeps a failing run from doing so.
const child = spawnSync(process.execPath, [new URL('ends.mjs', import.meta.url).pathname], { encoding: 'utf8', timeout: 60_000 });
if (child.status === 0 && child.stdout === 'done\n' && child.stderr === '') results.passed += 1;
else results.failures.push({ name: 'node · a process that imports and calls ends by itself, quietly', message: `status ${child.status}, signal ${child.signal}: ${child.stderr}` });
process.exit(report(results)); // even if something was left running: a test says so

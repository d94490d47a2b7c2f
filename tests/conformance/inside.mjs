// The suite as a process of Deno or Bun: addresses come in as the last argument, results leave as
// the last line.
import { argv } from 'node:process';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import vectors from '../vectors.json' with { type: 'json' };
import { equal, joined, runTests } from './harness.mjs';
import { run } from './suite.mjs';

const { live, entry } = JSON.parse(argv.at(-1));
const { inspect } = globalThis.Deno ?? globalThis.Bun;
const resolved = ['browser', 'edge', 'emulator'].map((name) => ({
  name: `exports · the ${name} entry is the one for this engine`,
  body: async () => {
    const address = import.meta.resolve(
      name === 'browser' ? 'social-plus-auth' : `social-plus-auth/${name}`,
    );
    equal(address.split('/').slice(-2).join('/'), `${name}/${entry}`, 'file');
  },
}));

const engine = { live, inspect: (value) => inspect(value, { depth: 100 }) };
const results = joined(
  await runTests(resolved),
  await run({ browser, edge, emulator, vectors, engine }),
);
console.log(JSON.stringify(results));

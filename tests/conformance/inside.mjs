// Runs the suite inside Deno or Bun. The last argument is JSON with the addresses and keys of the
// servers, and the file name to which the engine must resolve each entry. The last line of output
// is JSON with the results.
import { argv } from 'node:process';
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import vectors from '../vectors.json' with { type: 'json' };
import { equal, mergeResults, runTests } from './harness.mjs';
import { run } from './suite.mjs';

const { live, entry: entryFile } = JSON.parse(argv.at(-1));
const { inspect } = globalThis.Deno ?? globalThis.Bun;
const exportTests = ['browser', 'edge', 'emulator'].map((name) => ({
  name: `exports · "${name}" resolves to the file for this engine`,
  body: async () => {
    const address = import.meta.resolve(
      name === 'browser' ? 'social-plus-auth' : `social-plus-auth/${name}`,
    );
    equal(address.split('/').slice(-2).join('/'), `${name}/${entryFile}`, 'file');
  },
}));

const engine = { live, inspect: (value) => inspect(value, { depth: 100 }) };
const results = mergeResults(
  await runTests(exportTests),
  await run({ browser, edge, emulator, vectors, engine }),
);
console.log(JSON.stringify(results));

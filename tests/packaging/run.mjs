// Checks the package as its users get it: runs publint and attw, compiles the types with several
// compilers, compares the exports with the types, tests code blocks of the documentation, and runs
// small real apps that install the tarball.
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { conclude, equal, runTests } from '../conformance/harness.mjs';
import { defineAppTests } from './apps.mjs';
import { mustRun, removeProjects, root, getTarball } from './project.mjs';
import { defineReadmeTests } from './readme.mjs';
import { defineTypeTests } from './types.mjs';

const tests = [];
const test = (name, body) => tests.push({ name: `packaging · ${name}`, body });

test('publint reports no problem', async () => {
  const { buffer, byteOffset, byteLength } = await readFile(await getTarball());
  const { messages, pkg } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) },
    level: 'suggestion',
    strict: true,
  });
  equal(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
    'messages',
  );
});
test('attw --profile esm-only reports no problem', async () =>
  mustRun(process.execPath, [
    join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'),
    await getTarball(),
    '--profile',
    'esm-only',
    '--no-color',
    '--no-emoji',
  ]));
defineTypeTests({ test });
defineAppTests({ test });

conclude(async () => {
  await defineReadmeTests({ test });
  return runTests(tests).finally(removeProjects);
});

// Checks the package as its users get it: publint and attw, the types under several compilers, the
// exports, and small real apps that install the tarball.
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { conclude, equal, runTests } from '../conformance/harness.mjs';
import { apps } from './apps.mjs';
import { mustRun, removeProjects, root, tarball } from './project.mjs';
import { readme } from './readme.mjs';
import { types } from './types.mjs';

const tests = [];
const test = (name, body) => tests.push({ name: `packaging · ${name}`, body });

test('publint reports no problem', async () => {
  const { buffer, byteOffset, byteLength } = await readFile(await tarball());
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
    await tarball(),
    '--profile',
    'esm-only',
    '--no-color',
    '--no-emoji',
  ]));
types({ test });
apps({ test });

conclude(async () => {
  await readme({ test });
  return runTests(tests).finally(removeProjects);
});

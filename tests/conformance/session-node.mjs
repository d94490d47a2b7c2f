// Tests of SessionClient that need a separate process: whether the process exits, and which globals
// the client uses. Also checks that each lesson (defined in session-lessons.mjs) has one test.
// node.mjs runs these tests.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { equal } from './harness.mjs';

const toFilePath = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Runs a script, asserts that it exits on its own with status 0 and writes nothing to stderr, and
 * returns its output. The timeout only prevents a script that hangs from blocking the run.
 */
export const runProcess = (script, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [toFilePath(script), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  equal(stderr, '', 'stderr');
  equal(status, 0, 'exit status');
  return stdout;
};

const assertEachLessonHasOneTest = () => {
  const files = ['./', '../tabs/'].flatMap((folder) =>
    readdirSync(toFilePath(folder)).map((name) => toFilePath(folder + name)),
  );
  const found = files
    .filter((file) => file.endsWith('.mjs'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/'lesson (\d+): /g)].map(([, number]) =>
        Number(number),
      ),
    );
  equal(
    found.sort((a, b) => a - b),
    Array.from({ length: 15 }, (_, n) => n + 1),
    'lessons with a test',
  );
};

const getEntryPath = (name) => toFilePath(`../node_modules/social-plus-auth/browser/${name}.js`);

export const sessionTestsInNode = [
  [
    'a process exits on its own after its clients were closed',
    () => equal(runProcess('session-process.mjs', 'closed'), 'done\n', 'output'),
  ],
  [
    'a process exits on its own while its clients are idle',
    () => equal(runProcess('session-process.mjs', 'idle'), 'done\n', 'output'),
  ],
  [
    'lesson 14: importing the entry and creating a client use no global that some engines lack',
    () => {
      for (const name of ['web', 'node'])
        equal(
          runProcess('session-untouched.mjs', getEntryPath(name)),
          'untouched\n',
          `output for the entry file ${name}.js`,
        );
    },
  ],
  ['each of the fifteen lessons has exactly one test', assertEachLessonHasOneTest],
].map(([name, body]) => ({
  name: `sessions in node · ${name}`,
  body: async () => body(),
  timeoutMs: 120_000,
}));

// Tests of SessionClient that need a process of their own: that the process exits, and which
// globals the client touches. node.mjs runs them.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { equal } from './harness.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Runs a script, asserts that it exits on its own with status 0 and writes nothing to stderr, and
 * returns its output. The timeout only keeps a script that hangs from blocking the run.
 */
export const outputOfProcess = (script, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [here(script), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  equal(stderr, '', 'stderr');
  equal(status, 0, 'exit status');
  return stdout;
};

const assertEachLessonHasOneTest = () => {
  const files = ['./', '../tabs/'].flatMap((folder) =>
    readdirSync(here(folder)).map((name) => here(folder + name)),
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

const entry = (name) => here(`../node_modules/social-plus-auth/browser/${name}.js`);

export const sessionsInNode = [
  [
    'a process exits on its own after its clients were closed',
    () => equal(outputOfProcess('session-process.mjs', 'closed'), 'done\n', 'output'),
  ],
  [
    'a process exits on its own while its clients are idle',
    () => equal(outputOfProcess('session-process.mjs', 'idle'), 'done\n', 'output'),
  ],
  [
    'lesson 14: import and construction use no global that some engines lack',
    () => {
      for (const name of ['web', 'node'])
        equal(
          outputOfProcess('session-untouched.mjs', entry(name)),
          'untouched\n',
          `output for the entry ${name}`,
        );
    },
  ],
  ['each of the fifteen lessons has exactly one test', assertEachLessonHasOneTest],
].map(([name, body]) => ({
  name: `sessions in node · ${name}`,
  body: async () => body(),
  timeoutMs: 120_000,
}));

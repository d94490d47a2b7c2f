// What only a process of its own can show of a SessionClient: that it ends, and what it touches.
// Run by node.mjs.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { equal } from './harness.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * What a process prints that ends by itself, quietly. The limit only keeps one that does not from
 * holding up everything.
 */
export const endsByItself = (script, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [here(script), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  equal([status, stderr], [0, ''], 'status and complaints');
  return stdout;
};

const lessons = () => {
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
    'lessons that have a test',
  );
};

const entry = (name) => here(`../node_modules/social-plus-auth/browser/${name}.js`);

export const sessionsInNode = [
  [
    'a process ends by itself after its clients were closed',
    () => equal(endsByItself('session-process.mjs', 'closed'), 'done\n', 'output'),
  ],
  [
    'a process ends by itself while its clients are idle',
    () => equal(endsByItself('session-process.mjs', 'idle'), 'done\n', 'output'),
  ],
  [
    'lesson 14: import and construction touch nothing that some places lack',
    () => {
      for (const name of ['web', 'node'])
        equal(
          endsByItself('session-untouched.mjs', entry(name)),
          'untouched\n',
          `the entry ${name}`,
        );
    },
  ],
  ['each of the fifteen lessons has its test', lessons],
].map(([name, body]) => ({
  name: `sessions in node · ${name}`,
  body: async () => body(),
  withinMs: 120_000,
}));

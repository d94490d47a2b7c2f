// What the packaging tests share: the tarball that would be published, bare projects that install
// it, and programs that are run to their end.
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../conformance/harness.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'target/package');
const made = [];
const temporary = async (name) => {
  const at = await mkdtemp(join(tmpdir(), name));
  made.push(at);
  return at;
};

/** A copy of the tarball, so that a build meanwhile does not pull it away. */
const copied = (async () => {
  const name =
    (await readdir(folder)).find((name) => name.endsWith('.tgz')) ??
    fail('no tarball: run cargo xtask pack');
  const copy = join(await temporary('tarball-'), name);
  await copyFile(join(folder, name), copy);
  return copy;
})();
export const tarball = () => copied;

/**
 * Runs a program to its end. Its output is for the message only, without the paths of this machine.
 */
export const ran = (program, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      ...options,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', (error) => resolve({ status: 1, stdout, stderr: error.message }));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
export const mustRun = async (program, args, options) => {
  const { status, stdout, stderr } = await ran(program, args, options);
  if (status !== 0)
    fail(`status ${status}: ${`${stdout}${stderr}`.replaceAll(root, '').trim().slice(0, 1500)}`);
  return stdout;
};

/** A project that has nothing but the tarball, installed as a user would, without a network. */
export const bareProject = async () => {
  const at = await temporary('bare-project-');
  await writeFile(
    join(at, 'package.json'),
    '{ "name": "bare", "private": true, "type": "module" }',
  );
  await mustRun(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', await tarball()],
    { cwd: at },
  );
  return {
    at,
    run: async (name, text, args = []) => {
      await writeFile(join(at, `${name}.mjs`), text);
      return mustRun(process.execPath, [...args, `${name}.mjs`], { cwd: at });
    },
  };
};
export const removeProjects = () =>
  Promise.all(made.map((at) => rm(at, { recursive: true, force: true })));

// Helpers of the packaging tests. They find the tarball to publish, create bare projects that
// install it, and run programs.
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../conformance/harness.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'target/package');
const temporaryFolders = [];
const createTemporaryFolder = async (name) => {
  const path = await mkdtemp(join(tmpdir(), name));
  temporaryFolders.push(path);
  return path;
};

/** Resolves to the path of a copy of the tarball. A concurrent build cannot remove the copy. */
const tarballCopy = (async () => {
  const name =
    (await readdir(folder)).find((name) => name.endsWith('.tgz')) ??
    fail('no tarball: run cargo xtask pack');
  const copy = join(await createTemporaryFolder('tarball-'), name);
  await copyFile(join(folder, name), copy);
  return copy;
})();
export const getTarball = () => tarballCopy;

const runProgram = (program, args, options = {}) =>
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

/**
 * Runs a program and returns its standard output. If its exit status is not 0, fails with the
 * output, from which it removes the path of this repository.
 */
export const mustRun = async (program, args, options) => {
  const { status, stdout, stderr } = await runProgram(program, args, options);
  if (status !== 0)
    fail(`status ${status}: ${`${stdout}${stderr}`.replaceAll(root, '').trim().slice(0, 1500)}`);
  return stdout;
};

/**
 * Creates a project whose only dependency is the tarball. npm installs it without a network.
 */
export const createBareProject = async () => {
  const path = await createTemporaryFolder('bare-project-');
  await writeFile(
    join(path, 'package.json'),
    '{ "name": "bare", "private": true, "type": "module" }',
  );
  await mustRun(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', await getTarball()],
    { cwd: path },
  );
  return {
    path,
    run: async (name, text, args = []) => {
      await writeFile(join(path, `${name}.mjs`), text);
      return mustRun(process.execPath, [...args, `${name}.mjs`], { cwd: path });
    },
  };
};

/** Removes all temporary folders. */
export const removeProjects = () =>
  Promise.all(temporaryFolders.map((path) => rm(path, { recursive: true, force: true })));

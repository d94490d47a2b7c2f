// Runs the command line as its users do: installed from the tarball in a bare project, with npx,
// and with nothing in the environment but what a test says. No output of it may hold a secret,
// unless the test names it as what the command is for.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { fail, secret } from '../conformance/harness.mjs';
import { bareProject } from '../packaging/project.mjs';

let project;
const started = new Set();
process.once('exit', () => started.forEach((child) => child.kill('SIGKILL')));

/** The bare project that all tests share: installing it takes longer than all else. */
export const folder = async () => (await (project ??= bareProject())).at;

const OWN = ['PATH', 'HOME', 'TMPDIR', 'npm_config_cache'];
const kept = Object.fromEntries(
  OWN.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
);
// What npx itself has to say about the machine is no output of the command.
const inherited = { ...kept, npm_config_loglevel: 'error' };

/** Standard input that stays open, to be written to later. */
const OPEN = Symbol('open');

/**
 * Starts a program in the project. `ended` resolves to `{status, stdout, stderr}`, `printed` as
 * soon as standard output matches.
 */
export const start = async (program, args, { env = {}, input } = {}) => {
  const child = spawn(program, args, {
    cwd: await folder(),
    env: { ...inherited, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  started.add(child);
  const output = { stdout: '', stderr: '' };
  const watchers = new Set();
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
      watchers.forEach((watch) => watch());
    });
  }
  child.stdin?.on('error', () => {});
  if (input !== OPEN) child.stdin?.end(input);
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      started.delete(child);
      resolve({ status, ...output });
    });
  });
  const printed = (pattern, where = 'stdout') =>
    new Promise((resolve, reject) => {
      const watch = () => pattern.test(output[where]) && resolve(output[where]);
      watchers.add(watch);
      watch();
      ended.then(
        () => reject(new Error(`ended before it printed ${pattern}: ${output.stderr}`)),
        reject,
      );
    });
  return { child, ended, printed };
};

/** Secrets that may be printed by nothing but the command that is for it. */
const guarded = new Set();
const guard = (text) => {
  guarded.add(text);
  return secret(text);
};

/** Names what a run has printed on purpose, so that no later one may print it. */
export const guardPrinted = (text) => guard(text.trim());

const finish = async (running, prints) => {
  const result = await running.ended;
  for (const text of guarded) {
    if (!prints.includes(text) && `${result.stdout}${result.stderr}`.includes(text))
      fail('a secret was printed');
  }
  if (/\n\s+at /.test(result.stderr)) fail(`a stack was printed: ${result.stderr}`);
  return result;
};

/** One command, by the program that npm has linked. `prints`: the secrets that it is for. */
export const cli = async (args, { prints = [], ...options } = {}) =>
  finish(
    await start(join(await folder(), 'node_modules/.bin/social-plus-auth'), args, options),
    prints,
  );

/** The same through npx, as documented; slower. */
export const npx = async (args, { prints = [], ...options } = {}) =>
  finish(await start('npx', ['--no-install', 'social-plus-auth', ...args], options), prints);

/**
 * One command on a terminal of its own, where each of `typed` is typed as soon as its question is
 * there. `stdout` is what the terminal shows.
 */
export const onTerminal = async (args, typed, env) => {
  const command = ['node_modules/.bin/social-plus-auth', ...args].join(' ');
  const running = await start('script', ['-qec', command, '/dev/null'], { env, input: OPEN });
  for (const [question, text] of typed) {
    await running.printed(question);
    running.child.stdin.write(text);
  }
  return finish(running, []);
};

/** An emulator on a port, and the environment of somebody who uses it. Its secrets are guarded. */
export const emulated = async (options = {}, { tls } = {}) => {
  const emulator = await createEmulator({ secureMode: true, ...options });
  const server = await listen(emulator, tls ? { tls } : {});
  for (const name of ['serverKey', 'adminToken', 'visitorSecret']) guard(emulator[name]);
  const env = {
    SOCIAL_PLUS_ENDPOINT: server.url,
    SOCIAL_PLUS_API_KEY: emulator.apiKey,
    SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
    SOCIAL_PLUS_ADMIN_TOKEN: emulator.adminToken,
    SOCIAL_PLUS_VISITOR_SECRET: emulator.visitorSecret,
  };
  return {
    emulator,
    server,
    env,
    without: (...names) =>
      Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name))),
  };
};

/** Runs `body` with an emulator that is closed afterwards. */
export const withEmulator = (options, body, listening) => async () => {
  const made = await emulated(options, listening);
  try {
    await body(made);
  } finally {
    await made.server.close();
  }
};

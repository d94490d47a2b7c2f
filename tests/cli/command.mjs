// Runs the command line as users do: installed from the tarball in a bare project. It gets the
// environment that a test passes and a few inherited variables. A run fails if its output contains
// a guarded secret that the test does not allow.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { equal, fail, match, registerSecret } from '../conformance/harness.mjs';
import { createBareProject } from '../packaging/project.mjs';

let project;
const children = new Set();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Returns the path of the bare project. All tests share it, because installing it is slow. */
export const getProjectPath = async () => (await (project ??= createBareProject())).path;

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'npm_config_cache'];
const baseEnv = Object.fromEntries(
  INHERITED.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
);
// Keeps npx from adding its own notices to the output of the command.
baseEnv.npm_config_loglevel = 'error';

/** As an `input`, keeps standard input open, so that a test can write to it later. */
const OPEN = Symbol('open');

/**
 * Starts a program in the project. `ended` resolves to `{status, stdout, stderr}`. `waitForOutput`
 * resolves to the text of a stream as soon as that text matches a pattern.
 */
export const start = async (program, args, { env = {}, input } = {}) => {
  const child = spawn(program, args, {
    cwd: await getProjectPath(),
    env: { ...baseEnv, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  const watchers = new Set();
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
      watchers.forEach((watch) => watch());
    });
  }
  // A command may end before it has read all of its input.
  child.stdin?.on('error', () => {});
  if (input !== OPEN) child.stdin?.end(input);
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      children.delete(child);
      resolve({ status, ...output });
    });
  });
  const waitForOutput = (pattern, stream = 'stdout') =>
    new Promise((resolve, reject) => {
      const watch = () => pattern.test(output[stream]) && resolve(output[stream]);
      watchers.add(watch);
      watch();
      ended.then(
        () => reject(new Error(`the command ended before it printed ${pattern}: ${output.stderr}`)),
        reject,
      );
    });
  return { child, ended, waitForOutput };
};

/** The secrets that no run may print unless its test allows it with `prints`. */
const guarded = new Set();

/** Guards a secret: from now on, a run that prints it fails. */
export const guard = (text) => {
  guarded.add(text);
  return registerSecret(text);
};

/** Guards a secret that a command printed on purpose. */
export const guardOutput = (stdout) => guard(stdout.trim());

const finish = async (running, allowed) => {
  const result = await running.ended;
  const output = `${result.stdout}${result.stderr}`;
  for (const text of guarded)
    if (!allowed.includes(text) && output.includes(text)) fail('the output contains a secret');
  if (/\n\s+at /.test(result.stderr)) fail(`the output contains a stack trace: ${result.stderr}`);
  return result;
};

/** Returns the path of the executable that npm linked into the project's `node_modules/.bin`. */
export const getProgramPath = async () =>
  join(await getProjectPath(), 'node_modules/.bin/social-plus-auth');

/** Runs one command. `prints` lists the secrets that it may print. */
export const runCli = async (args, { prints = [], ...options } = {}) =>
  finish(await start(await getProgramPath(), args, options), prints);

/** Runs one command through npx, as the documentation shows. This is slower than `runCli`. */
export const runNpx = async (args, { prints = [], ...options } = {}) =>
  finish(await start('npx', ['--no-install', 'social-plus-auth', ...args], options), prints);

/**
 * Runs one command on a pseudo-terminal of its own. `dialogue` lists pairs of a question to wait
 * for and a text to type. `stdout` of the result is the text that the terminal shows.
 */
export const runOnTerminal = async (args, dialogue, env) => {
  const command = ['node_modules/.bin/social-plus-auth', ...args].join(' ');
  const running = await start('script', ['-qec', command, '/dev/null'], { env, input: OPEN });
  for (const [question, text] of dialogue) {
    await running.waitForOutput(question);
    running.child.stdin.write(text);
  }
  return finish(running, []);
};

/** Checks that a run succeeded, and returns its standard output. */
export const expectSuccess = ({ status, stdout, stderr }) => {
  equal(status, 0, `exit code (standard error: ${stderr.trim()})`);
  return stdout;
};

/** Checks that a run failed, but not with a usage error: exit code 1, and no result. */
export const expectFailure = ({ status, stdout, stderr }, message) => {
  equal(status, 1, 'exit code');
  equal(stdout, '', 'standard output');
  match(stderr, message, 'standard error');
};

/** Checks that a run was rejected as a usage error: exit code 2, and no result. */
export const expectUsageError = ({ status, stdout, stderr }, message) => {
  equal(status, 2, 'exit code');
  equal(stdout, '', 'standard output');
  match(stderr, message, 'standard error');
};

/**
 * Starts an emulator on a port and guards its secrets. Returns it with `env`, the environment in
 * which a command uses the emulator.
 */
export const startEmulator = async (options = {}, listenOptions = {}) => {
  const emulator = await createEmulator({ secureMode: true, ...options });
  const server = await listen(emulator, listenOptions);
  for (const name of ['serverKey', 'adminToken', 'visitorSecret']) guard(emulator[name]);
  const env = {
    SOCIAL_PLUS_ENDPOINT: server.url,
    SOCIAL_PLUS_API_KEY: emulator.apiKey,
    SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
    SOCIAL_PLUS_ADMIN_TOKEN: emulator.adminToken,
    SOCIAL_PLUS_VISITOR_SECRET: emulator.visitorSecret,
  };
  const envWithout = (...names) =>
    Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
  return { emulator, server, env, envWithout };
};

/** Returns a test body that runs `body` with an emulator and closes it afterwards. */
export const withEmulator = (options, body, listenOptions) => async () => {
  const started = await startEmulator(options, listenOptions);
  try {
    await body(started);
  } finally {
    await started.server.close();
  }
};

/** Serves `respond` on a free port while `body` runs. */
export const withServer = async (respond, body) => {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await body(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

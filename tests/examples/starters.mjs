// Starts each example on its engine. Every `start` resolves to an object with `origin`, `fetch`,
// `log` and `close`. The object has a `basePath` if the routes are not under /auth, and in workerd,
// a `miniflare`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { Agent, fetch as undiciFetch } from 'undici';
import { startEdgeRuntime, bundleWorker } from '../conformance/bundle.mjs';
import { findEngine } from '../engines.mjs';
import { createBareProject, root } from '../packaging/project.mjs';

// Uses a new connection for each request, because a server may close a connection if it has not
// read the whole request.
const dispatcher = new Agent({ pipelining: 0 });
const fetch = (url, init) => undiciFetch(url, { ...init, dispatcher });

/** Resolves to the path of a project that contains all examples and the packages they import. */
const project = (async () => {
  const { path } = await createBareProject();
  for (const name of ['express', 'hono', 'undici'])
    await symlink(join(root, 'node_modules', name), join(path, 'node_modules', name));
  const examples = join(path, 'node_modules/social-plus-auth/examples');
  await cp(examples, join(path, 'app'), { recursive: true });
  return path;
})();

/** The environment that makes every server listen on a free port of the loopback interface. */
const LOOPBACK_ENV = {
  HOST: '127.0.0.1',
  PORT: '0',
  DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0',
  DENO_NO_UPDATE_CHECK: '1',
  NO_COLOR: '1',
};

/** Resolves to the port that a process prints, or rejects if the process ends first. */
const waitForPort = (child, log) =>
  new Promise((resolve, reject) => {
    const read = () => {
      const [, port] = /Listening on .*?(\d+)\/?\s/.exec(log()) ?? [];
      if (port) resolve(port);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', () => reject(new Error(`the example did not start: ${log().slice(0, 500)}`)));
  });

/** Returns a function that starts an example as its own process. */
const createProcessStarter =
  (program, args, folder) =>
  async ({ env, tls }) => {
    const path = await project;
    const ca = join(path, 'ca.pem');
    await writeFile(ca, tls?.ca ?? '');
    const certificateEnv = tls && {
      SOCIAL_PLUS_CLIENT_CERTIFICATE: tls.cert,
      SOCIAL_PLUS_CLIENT_KEY: tls.key,
      NODE_EXTRA_CA_CERTS: ca,
      DENO_CERT: ca,
    };
    const child = spawn(program(), args, {
      cwd: join(path, 'app', folder),
      env: { PATH: process.env.PATH, ...LOOPBACK_ENV, ...env, ...certificateEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (log += text));
    const ended = once(child, 'close');
    const readLog = () => log.replaceAll(path, '');
    const port = await waitForPort(child, readLog);
    const close = async () => {
      child.kill();
      await ended;
    };
    return { origin: `http://127.0.0.1:${port}`, fetch, log: readLog, close };
  };

/**
 * Returns a function that starts an example in workerd. `moreOptions` are further options of
 * Miniflare, such as the rate limiters of the example's wrangler.jsonc.
 */
const createWorkerdStarter =
  (file, moreOptions = {}) =>
  async ({ env, tls }) => {
    let log = '';
    const mtls = tls && {
      SOCIAL_PLUS_MTLS: {
        network: {
          allow: ['public', 'private'],
          tlsOptions: {
            trustedCertificates: [tls.ca],
            keypair: { privateKey: tls.key, certificateChain: tls.cert },
          },
        },
      },
    };
    const miniflare = new Miniflare({
      modules: await bundleWorker(join(await project, 'app', file)),
      modulesRoot: '/',
      compatibilityDate: '2026-04-01',
      bindings: env,
      serviceBindings: { ...mtls },
      handleRuntimeStdio: (...streams) =>
        streams.forEach((stream) => stream.on('data', (text) => (log += text))),
      ...moreOptions,
    });
    const { origin } = await miniflare.ready;
    return { origin, fetch, log: () => log, miniflare, close: () => miniflare.dispose() };
  };

/** Parses JSON with comment lines and trailing commas. */
const parseJsonc = (text) =>
  JSON.parse(text.replace(/^\s*\/\/.*$/gm, '').replace(/,(\s*[\]}])/g, '$1'));

/** Reads the rate limiters of a wrangler.jsonc as options of Miniflare. */
const readLimiters = async (file) => {
  const { ratelimits } = parseJsonc(await readFile(join(await project, 'app', file), 'utf8'));
  return {
    ratelimits: Object.fromEntries(ratelimits.map(({ name, simple }) => [name, { simple }])),
  };
};

const startCloudflare = async (environment, moreOptions) => {
  const limiters = await readLimiters('cloudflare/wrangler.jsonc');
  return createWorkerdStarter('cloudflare/worker.js', { ...limiters, ...moreOptions })(environment);
};

const startVercel = async ({ env }) => {
  let log = '';
  const console = { error: (line) => (log += `${line}\n`) };
  const file = join(await project, 'app/vercel-edge/api/auth/[route].js');
  const runtime = await startEdgeRuntime(file, { process: { env }, console });
  return {
    origin: 'https://app.test',
    basePath: '/api/auth',
    fetch: (url, init) => runtime.dispatchFetch(url, init),
    log: () => log,
    close: async () => {},
  };
};

const DENO_PERMISSIONS = ['--no-prompt', '--allow-env', '--allow-net'];
const DENO_RUN = ['run', ...DENO_PERMISSIONS, 'main.js'];
const DENO_SERVE = ['serve', ...DENO_PERMISSIONS, '--host', '127.0.0.1', '--port', '0', 'app.js'];

export const starters = {
  cloudflare: { start: startCloudflare },
  // The edge runtime of Vercel cannot present a client certificate.
  'vercel-edge': { start: startVercel, canUseMtls: false },
  deno: { start: createProcessStarter(() => findEngine('deno'), DENO_RUN, 'deno') },
  bun: { start: createProcessStarter(() => findEngine('bun'), ['run', 'server.js'], 'bun') },
  'node-express': {
    start: createProcessStarter(() => process.execPath, ['server.js'], 'node-express'),
  },
  'hono on workerd': { start: createWorkerdStarter('hono/app.js') },
  // The Hono example presents a certificate only through a binding of Workers.
  'hono on deno': {
    start: createProcessStarter(() => findEngine('deno'), DENO_SERVE, 'hono'),
    canUseMtls: false,
  },
};

// How each deployable is started on its engine. Each `start` gives `{origin, fetch, log, close}`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { Agent, fetch as undiciFetch } from 'undici';
import { edgeRuntime, workerModules } from '../conformance/bundle.mjs';
import { engine } from '../engines.mjs';
import { bareProject, root } from '../packaging/project.mjs';

// A connection for each request: a server may end one whose request it has not read to the end.
const dispatcher = new Agent({ pipelining: 0 });
const fetch = (url, init) => undiciFetch(url, { ...init, dispatcher });

/** One project for all, with the packages that the deployables name. */
const project = (async () => {
  const { at } = await bareProject();
  for (const name of ['express', 'hono', 'undici'])
    await symlink(join(root, 'node_modules', name), join(at, 'node_modules', name));
  await cp(join(at, 'node_modules/social-plus-auth/examples'), join(at, 'app'), {
    recursive: true,
  });
  return at;
})();

/** A process that says on which port it listens. */
const inProcess =
  (program, args, folder) =>
  async ({ env, tls }) => {
    const at = await project;
    const ca = join(at, 'ca.pem');
    await writeFile(ca, tls?.ca ?? '');
    const certificate = tls && {
      SOCIAL_PLUS_CLIENT_CERTIFICATE: tls.cert,
      SOCIAL_PLUS_CLIENT_KEY: tls.key,
      NODE_EXTRA_CA_CERTS: ca,
      DENO_CERT: ca,
    };
    const loopback = {
      HOST: '127.0.0.1',
      PORT: '0',
      DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0',
      DENO_NO_UPDATE_CHECK: '1',
      NO_COLOR: '1',
    };
    const child = spawn(program(), args, {
      cwd: join(at, 'app', folder),
      env: { PATH: process.env.PATH, ...loopback, ...env, ...certificate },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const ended = once(child, 'close');
    const port = await new Promise((resolve, reject) => {
      const read = (text) => {
        log += text;
        const [, said] = /Listening on .*?(\d+)\/?\s/.exec(log) ?? [];
        if (said) resolve(said);
      };
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', read);
      child
        .on('error', reject)
        .on('close', () =>
          reject(new Error(`it did not start: ${log.replaceAll(at, '').slice(0, 500)}`)),
        );
    });
    const close = async () => {
      child.kill();
      await ended;
    };
    return { origin: `http://127.0.0.1:${port}`, fetch, log: () => log, close };
  };

/** In workerd, with the bindings that its wrangler.jsonc names. */
const worker =
  (file, bindings = {}) =>
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
      modules: await workerModules(join(await project, 'app', file)),
      modulesRoot: '/',
      compatibilityDate: '2026-04-01',
      bindings: env,
      serviceBindings: { ...mtls },
      handleRuntimeStdio: (...streams) =>
        streams.forEach((stream) => stream.on('data', (text) => (log += text))),
      ...bindings,
    });
    const { origin } = await miniflare.ready;
    return { origin, fetch, log: () => log, close: () => miniflare.dispose() };
  };

const limiter = async (file) => {
  // Comments stand in lines of their own there.
  const text = (await readFile(join(await project, 'app', file), 'utf8')).replace(
    /^\s*\/\/.*$/gm,
    '',
  );
  const { ratelimits } = JSON.parse(text);
  return {
    ratelimits: Object.fromEntries(ratelimits.map(({ name, simple }) => [name, { simple }])),
  };
};

const vercel = async ({ env }) => {
  let log = '';
  const console = { error: (line) => (log += `${line}\n`) };
  const vm = await edgeRuntime(join(await project, 'app/vercel-edge/api/auth/[route].js'), {
    process: { env },
    console,
  });
  const origin = 'https://app.test';
  return {
    origin,
    basePath: '/api/auth',
    fetch: (url, init) => vm.dispatchFetch(url, init),
    log: () => log,
    close: async () => {},
  };
};

const denoArgs = ['run', '--no-prompt', '--allow-net', '--allow-env', 'main.js'];
const honoArgs = [
  'serve',
  '--no-prompt',
  '--allow-env',
  '--allow-net',
  '--host',
  '127.0.0.1',
  '--port',
  '0',
  'app.js',
];
export const starters = {
  cloudflare: {
    start: async (given) =>
      worker('cloudflare/worker.js', await limiter('cloudflare/wrangler.jsonc'))(given),
  },
  // Vercel's edge runtime has no way to show a client certificate.
  'vercel-edge': { start: vercel, mtls: false },
  deno: { start: inProcess(() => engine('deno'), denoArgs, 'deno') },
  bun: { start: inProcess(() => engine('bun'), ['run', 'server.js'], 'bun') },
  'node-express': { start: inProcess(() => process.execPath, ['server.js'], 'node-express') },
  'hono on workerd': { start: worker('hono/app.js') },
  'hono on deno': { start: inProcess(() => engine('deno'), honoArgs, 'hono'), mtls: false },
};

// Runs the demo on loopback: the emulator, the worker on workerd, and the page. With `--region`,
// the demo uses the real service instead of the emulator. `cargo xtask demo` starts this script.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { Miniflare } from 'miniflare';
import { bundleWorker } from './server/bundle.mjs';
import { UsageError, confirmRealService, help, readOptions } from './server/options.mjs';
import { startService } from './server/service.mjs';
import { createSite } from './server/site.mjs';

/** @import { WorkerOptions } from 'miniflare' */
/** @import { Options } from './server/options.mjs' */
/** @import { Service } from './server/service.mjs' */

const cookieSecret = randomBytes(32).toString('hex');

// Refuses each request that no route matches, because its `Host` is not a name of the demo. A
// foreign page can make its own host name resolve to loopback (DNS rebinding), and its requests
// then reach the demo. They differ from the demo's own requests only by their `Host` header.
const foreignHostWorker = {
  name: 'foreign-host',
  modules: /** @type {const} */ (true),
  script:
    'export default {' +
    " fetch: () => new Response('This Host is not allowed.', { status: 403 })" +
    ' };',
};

async function main() {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) return console.log(help);
  if (options.real && !(await confirmRealService(options.real, options.yes)))
    return console.log('The demo was not started.');
  await checkPort(options.port);

  const service = options.real
    ? undefined
    : await startService(process.env.DEMO_EMULATOR_SERVER_KEY);
  const worker = await startWorker(options, service);
  const address = (await worker.ready).href;
  console.log(`The demo is at ${address}`);
  console.log(
    options.real
      ? `It uses the real service in region ${options.real.region}. Press Ctrl-C to stop it.`
      : 'It uses an emulator of the service on this machine. Press Ctrl-C to stop it.',
  );
  if (options.open) openBrowser(address);

  const stop = async () => {
    await worker.dispose();
    await service?.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    // Removes miniflare's own listener, which would end the process before everything is closed.
    process.removeAllListeners(signal);
    process.once(signal, stop);
  }
}

/**
 * Starts the worker. With the emulator, also starts a second worker whose server key is outdated,
 * and which only the site can call. The second worker shows the effect of a missed key rotation
 * without a back door in the worker's code.
 *
 * @param {Options} options
 * @param {Service} [service]
 */
async function startWorker({ port, real }, service) {
  const { apiKey, serverKey, origin } = /** @type {{ apiKey: string, serverKey: string,
    origin: string }} */ (real ?? service);
  const site = await createSite({
    config: {
      apiKey,
      emulator: Boolean(service),
      ...(real ? { region: real.region } : { endpoint: origin }),
    },
    origin,
    service,
    callStaleWorker: async (request) =>
      (await miniflare.getWorker('stale-key')).fetch(new URL('/auth/token', request.url).href, {
        method: 'POST',
        headers: request.headers,
      }),
  });
  const shared = { modules: await bundleWorker(), compatibilityDate: '2026-04-01' };
  /** @param {string} key */
  const createBindings = (key) => ({
    SOCIAL_PLUS_SERVER_KEY: key,
    COOKIE_SECRET: cookieSecret,
    ...(real ? { SOCIAL_PLUS_REGION: real.region } : { SOCIAL_PLUS_ENDPOINT: origin }),
  });
  /** @type {WorkerOptions[]} */
  const workers = [
    foreignHostWorker,
    {
      name: 'worker',
      routes: ['127.0.0.1/*', 'localhost/*'],
      ...shared,
      bindings: createBindings(serverKey),
      serviceBindings: { ASSETS: site },
    },
  ];
  if (service)
    workers.push({
      name: 'stale-key',
      ...shared,
      bindings: createBindings(randomBytes(61).toString('hex')),
    });
  const miniflare = new Miniflare({ host: '127.0.0.1', port, workers });
  return miniflare;
}

/**
 * Rejects with a message of one line if the port is not free. Without this check, workerd would
 * print a long report.
 *
 * @param {number} port
 * @returns {Promise<void>}
 */
function checkPort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    const message =
      `Port ${port} of 127.0.0.1 cannot be used; another program probably uses it. ` +
      'Choose another port with --port.';
    probe.once('error', () => reject(new UsageError(message)));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** @param {string} address */
function openBrowser(address) {
  /** @type {Partial<Record<NodeJS.Platform, string[]>>} */
  const commands = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };
  const [command = 'xdg-open', ...args] = commands[process.platform] ?? [];
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(1);
});

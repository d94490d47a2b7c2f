// Runs the demo on loopback: the emulator (or, asked for by name, the real service), the worker on
// workerd, and the page behind it. `cargo xtask demo` starts it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { Miniflare } from 'miniflare';
import { bundleWorker } from './server/bundle.mjs';
import { Sentence, confirmRealService, help, readOptions } from './server/options.mjs';
import { startService } from './server/service.mjs';
import { createSite } from './server/site.mjs';

const cookieSecret = randomBytes(32).toString('hex');

// Gets what no route claims: a page that has its own name resolve to loopback would be of the
// demo's origin, but for the `Host` it sends.
const stranger = {
  name: 'stranger',
  modules: true,
  script:
    "export default { fetch: () => new Response('A foreign Host is refused.', { status: 403 }) };",
};

async function main() {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) return console.log(help);
  if (options.real && !(await confirmRealService(options)))
    return console.log('Nothing was started.');
  await checkPort(options.port);

  const service = options.real
    ? undefined
    : await startService(process.env.DEMO_EMULATOR_SERVER_KEY);
  const worker = await startWorker(options, service);
  const address = (await worker.ready).href;
  console.log(`The demo is at ${address}`);
  console.log(
    options.real
      ? `It talks to the real service in region ${options.real.region}. Ctrl-C ends it.`
      : 'It talks to an emulator of the service on this machine. Ctrl-C ends it.',
  );
  if (options.open) openBrowser(address);

  const end = async () => {
    await worker.dispose();
    await service?.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    // miniflare has put its own there, which ends the process before everything has been let go.
    process.removeAllListeners(signal);
    process.once(signal, end);
  }
}

/**
 * The worker, and (behind the site) the same once more with an outdated server key: what a missed
 * rotation looks like, without a back door in the worker's code.
 */
async function startWorker({ port, real }, service) {
  const { apiKey, serverKey, origin } = real ?? service;
  const site = await createSite({
    config: {
      apiKey,
      emulator: Boolean(service),
      ...(real ? { region: real.region } : { endpoint: origin }),
    },
    origin,
    service,
    askStaleWorker: async (request) =>
      (await miniflare.getWorker('stale-key')).fetch(new URL('/auth/token', request.url).href, {
        method: 'POST',
        headers: request.headers,
      }),
  });
  const shared = { modules: await bundleWorker(), compatibilityDate: '2026-04-01' };
  const bindings = (key) => ({
    SOCIAL_PLUS_SERVER_KEY: key,
    COOKIE_SECRET: cookieSecret,
    ...(real ? { SOCIAL_PLUS_REGION: real.region } : { SOCIAL_PLUS_ENDPOINT: origin }),
  });
  const workers = [
    stranger,
    {
      name: 'worker',
      routes: ['127.0.0.1/*', 'localhost/*'],
      ...shared,
      bindings: bindings(serverKey),
      serviceBindings: { ASSETS: site },
    },
  ];
  if (service)
    workers.push({
      name: 'stale-key',
      ...shared,
      bindings: bindings(randomBytes(61).toString('hex')),
    });
  const miniflare = new Miniflare({ host: '127.0.0.1', port, workers });
  return miniflare;
}

/** workerd would say it in many lines. */
function checkPort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    const sentence = `Port ${port} of 127.0.0.1 cannot be used (something else is probably there): choose another with --port.`;
    probe.once('error', () => reject(new Sentence(sentence)));
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });
}

function openBrowser(address) {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform
  ] ?? ['xdg-open'];
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

main().catch((error) => {
  console.error(error instanceof Sentence ? error.message : error);
  process.exit(1);
});

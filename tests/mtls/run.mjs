// mTLS on each engine, over real TLS of either version: the right client certificate gets an
// answer, none or a wrong one a typed error.
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { workerModules } from '../conformance/bundle.mjs';
import { conclude, equal, match, runTests, secret } from '../conformance/harness.mjs';
import { engine, printed } from '../engines.mjs';
import { servers } from './servers.mjs';

const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));
const asProcess = (program, args) => async (given) =>
  JSON.parse(await printed(program(), [...args, inside, JSON.stringify(given)]));

const modules = await workerModules('../mtls/worker.mjs');
const asWorker = async ({ service, certificates }) => {
  const network = ({ cert, key }) => ({
    allow: ['public', 'private'],
    tlsOptions: {
      trustedCertificates: [service.ca],
      ...(cert && { keypair: { privateKey: key, certificateChain: cert } }),
    },
  });
  const worker = new Miniflare({
    modules,
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    bindings: { service, names: Object.keys(certificates) },
    serviceBindings: Object.fromEntries(
      Object.entries(certificates).map(([name, pair]) => [name, { network: network(pair) }]),
    ),
    // The reason of a failed handshake, which a worker is not told.
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  });
  try {
    return await (await worker.dispatchFetch('http://127.0.0.1/')).json();
  } finally {
    await worker.dispose();
  }
};

const engines = {
  node: asProcess(() => process.execPath, []),
  deno: asProcess(() => engine('deno'), ['run', '--no-prompt', '--allow-net=127.0.0.1']),
  bun: asProcess(() => engine('bun'), ['run']),
  workerd: asWorker,
};

/** Which version a client comes to, so that a server that speaks another would be noticed. */
const spoken = ({ endpoint, ca }, right) =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(endpoint);
    const socket = tls
      .connect(
        { host, port, ca, ...right },
        () => resolve(socket.getProtocol()) || socket.destroy(),
      )
      .on('error', reject);
  });

const granted = { authToken: 'string', admin: true, unprotected: 'unauthorized' };
const isRefusal = ({ name, kind, message, retryable }, what) => {
  equal([name, kind, retryable], ['SocialPlusError', 'network', true], what);
  match(message, /client certificate/, `${what}: message`);
};

const tests = [];
for (const [server, start] of Object.entries(servers)) {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [name, run] of Object.entries(engines)) {
      const body = async () => {
        const { service, certificates, close } = await start(version);
        secret(service.serverKey);
        secret(service.adminToken);
        try {
          equal(await spoken(service, certificates.right), version, 'version');
          const { right, ...wrong } = await run({ service, certificates });
          equal(right, granted, 'with the right certificate');
          for (const [certificate, { unprotected, ...refused }] of Object.entries(wrong)) {
            for (const [call, outcome] of Object.entries(refused))
              isRefusal(outcome, `${call}, certificate: ${certificate}`);
            if (server === 'emulator')
              equal(unprotected, granted.unprotected, `unprotected, certificate: ${certificate}`);
          }
        } finally {
          await close();
        }
      };
      tests.push({ name: `${name} · ${server}, ${version}`, body });
    }
  }
}

conclude(() => runTests(tests));

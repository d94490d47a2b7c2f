// Tests mTLS on each engine, over TLS 1.2 and 1.3. Calls with a valid client certificate must
// succeed. Protected calls with a missing or invalid certificate must reject with a typed error.
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { bundleWorker } from '../conformance/bundle.mjs';
import { conclude, equal, match, runTests, registerSecret } from '../conformance/harness.mjs';
import { findEngine, readOutput } from '../engines.mjs';
import { servers } from './servers.mjs';

const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));
const createProcessRunner = (program, args) => async (input) =>
  JSON.parse(await readOutput(program(), [...args, inside, JSON.stringify(input)]));

const modules = await bundleWorker('../mtls/worker.mjs');
const runInWorker = async ({ service, certificates }) => {
  const createNetwork = ({ cert, key }) => ({
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
      Object.entries(certificates).map(([name, pair]) => [name, { network: createNetwork(pair) }]),
    ),
    // Discards the log of workerd, which contains the reason of each failed handshake.
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  });
  try {
    return await (await worker.dispatchFetch('http://127.0.0.1/')).json();
  } finally {
    await worker.dispose();
  }
};

const engines = {
  node: createProcessRunner(() => process.execPath, []),
  deno: createProcessRunner(
    () => findEngine('deno'),
    ['run', '--no-prompt', '--allow-net=127.0.0.1'],
  ),
  bun: createProcessRunner(() => findEngine('bun'), ['run']),
  workerd: runInWorker,
};

/** Connects to the server and returns the negotiated version of TLS. */
const negotiateVersion = ({ endpoint, ca }, pair) =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(endpoint);
    const socket = tls
      .connect({ host, port, ca, ...pair }, () => resolve(socket.getProtocol()) || socket.destroy())
      .on('error', reject);
  });

const expectedOutcomes = { authToken: 'string', admin: true, unprotected: 'unauthorized' };
const assertNetworkError = ({ name, kind, message, retryable }, what) => {
  equal(name, 'SocialPlusError', `${what}: name`);
  equal(kind, 'network', `${what}: kind`);
  equal(retryable, true, `${what}: retryable`);
  match(message, /client certificate/, `${what}: message`);
};

const tests = [];
for (const [server, start] of Object.entries(servers)) {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [name, run] of Object.entries(engines)) {
      const body = async () => {
        const { service, certificates, close } = await start(version);
        registerSecret(service.serverKey);
        registerSecret(service.adminToken);
        try {
          const negotiated = await negotiateVersion(service, certificates.valid);
          equal(negotiated, version, 'version of TLS');
          const { valid, ...others } = await run({ service, certificates });
          equal(valid, expectedOutcomes, 'outcomes with the valid certificate');
          for (const [certificate, { unprotected, ...rejected }] of Object.entries(others)) {
            const what = `certificate ${certificate}`;
            for (const [call, outcome] of Object.entries(rejected))
              assertNetworkError(outcome, `${what}, ${call}`);
            if (server === 'emulator')
              equal(unprotected, expectedOutcomes.unprotected, `${what}, unprotected`);
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

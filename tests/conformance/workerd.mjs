// Runs the suite inside workerd, through miniflare: the installed package bundled as a worker would be, its wasm as modules.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { report } from './harness.mjs';
import { startServers } from './live-servers.mjs';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('worker.mjs', import.meta.url))],
  bundle: true, format: 'esm', target: 'es2022', conditions: ['workerd', 'worker', 'browser'], loader: { '.wasm': 'copy' }, write: false, outdir: '/', logLevel: 'error',
});
const modules = outputFiles
  .map(({ path, contents, text }) => (path.endsWith('.wasm') ? { type: 'CompiledWasm', path, contents } : { type: 'ESModule', path, contents: text }))
  .sort((a, b) => b.type.localeCompare(a.type)); // the script first: it is what runs
const { live, close } = await startServers();
const post = async (worker, path, signal) => {
  const response = await worker.dispatchFetch(`http://127.0.0.1${path}`, { method: 'POST', body: JSON.stringify(live), signal });
  if (!response.ok) throw new Error(`the worker failed: ${(await response.text()).split('\n')[0]}`);
  return response.json();
};
const withWorker = async (use) => {
  const worker = new Miniflare({ modules, modulesRoot: '/', compatibilityDate: '2026-04-01' });
  try {
    return await use(worker);
  } finally {
    await worker.dispose();
  }
};

const results = await withWorker((worker) => post(worker, '/suite'));
try {
  // What is made in one request must not be awaited by another: a module-wide promise would hang all but the first of these.
  const users = Array.from({ length: 20 }, (_, n) => `burst-${n}`);
  const signedIn = await withWorker((worker) => Promise.all(users.map((user) => post(worker, `/burst?user=${user}`, AbortSignal.timeout(30_000)))));
  if (signedIn.join() !== users.join()) throw new Error(`signed in: ${signedIn}`);
  results.passed += 1;
} catch (error) {
  results.failures.push({ name: 'workerd · twenty first requests at once to a fresh worker', message: error.message });
}
await close();
process.exit(report(results)); // even if something was left running: a test says so

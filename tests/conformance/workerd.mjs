// Runs the suite inside workerd through miniflare, with and without the modules and globals of
// Node. The suite and the installed package are bundled as a worker, with the WebAssembly files as
// modules.
import { Miniflare } from 'miniflare';
import { bundleWorker } from './bundle.mjs';
import { routeTests } from './handler-workerd.mjs';
import { conclude, equal, mergeResults, runTests } from './harness.mjs';
import { startServers } from './live-servers.mjs';

const modules = await bundleWorker('worker.mjs');
const withWorker = async (body, compatibilityFlags = []) => {
  const worker = new Miniflare({
    modules,
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    compatibilityFlags,
  });
  try {
    return await body(worker);
  } finally {
    await worker.dispose();
  }
};

conclude(async () => {
  const { live, close } = await startServers();
  const post = async (worker, path, signal) => {
    const response = await worker.dispatchFetch(`http://127.0.0.1${path}`, {
      method: 'POST',
      body: JSON.stringify(live),
      signal,
    });
    if (!response.ok)
      throw new Error(`the worker failed: ${(await response.text()).split('\n')[0]}`);
    return response.json();
  };
  // In workerd, a request hangs if it awaits a promise that another request created. If the module
  // kept one promise for all requests, all of these requests except the first would hang.
  const signInConcurrently = () =>
    withWorker(async (worker) => {
      const users = Array.from({ length: 20 }, (_, n) => `burst-${n}`);
      equal(
        await Promise.all(
          users.map((user) => post(worker, `/burst?user=${user}`, AbortSignal.timeout(25_000))),
        ),
        users,
        'users',
      );
    });
  const runSuite = async (flag) => {
    const { passed, failures } = await withWorker((worker) => post(worker, '/suite'), [flag]);
    return {
      passed,
      failures: failures.map(({ name, message }) => ({ name: `${flag} · ${name}`, message })),
    };
  };
  const results = mergeResults(await runSuite('no_nodejs_compat'), await runSuite('nodejs_compat'));
  const otherResults = await runTests([
    {
      name: 'workerd · a new worker serves twenty concurrent first requests',
      body: signInConcurrently,
    },
    ...routeTests,
  ]);
  await close();
  return mergeResults(results, otherResults);
});

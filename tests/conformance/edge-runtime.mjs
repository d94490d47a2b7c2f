// Runs the suite in Vercel's edge runtime. This runner uses the same worker as the runner for
// workerd, and bundles it in the way that Vercel bundles workers.
import { fileURLToPath } from 'node:url';
import { startEdgeRuntime } from './bundle.mjs';
import { conclude } from './harness.mjs';
import { startServers } from './live-servers.mjs';

conclude(async () => {
  const { live, close } = await startServers();
  const vm = await startEdgeRuntime(fileURLToPath(new URL('worker.mjs', import.meta.url)));
  const response = await vm.dispatchFetch('http://127.0.0.1/suite', {
    method: 'POST',
    body: JSON.stringify(live),
  });
  await close();
  if (!response.ok) throw new Error(`the worker failed: ${(await response.text()).split('\n')[0]}`);
  return response.json();
});

// Runs the suite in Vercel's edge runtime: the worker of the workerd runner, bundled as Vercel
// does.
import { fileURLToPath } from 'node:url';
import { edgeRuntime } from './bundle.mjs';
import { conclude } from './harness.mjs';
import { startServers } from './live-servers.mjs';

conclude(async () => {
  const { live, close } = await startServers();
  const vm = await edgeRuntime(fileURLToPath(new URL('worker.mjs', import.meta.url)));
  const answer = await vm.dispatchFetch('http://127.0.0.1/suite', {
    method: 'POST',
    body: JSON.stringify(live),
  });
  await close();
  if (!answer.ok) throw new Error(`the worker failed: ${(await answer.text()).split('\n')[0]}`);
  return answer.json();
});

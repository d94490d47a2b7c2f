// Shows without this library that workerd keeps a request forever, with its body and its signals,
// if the client hangs up in the middle of the body and the worker catches the error in a function
// that its handler awaits. After each round, collects garbage and prints how many requests remain.
import { request as sendRequest } from 'node:http';
import { Miniflare } from 'miniflare';
import { connectInspector } from './memory.mjs';

const ROUNDS = 5;
const REQUESTS = 100;
const HANG_UP_AFTER_MS = 300;
const WAIT_MS = 2000;
const script = `
  export default {
    async fetch(request) {
      const readAll = async () => {
        const reader = request.body.getReader();
        try {
          for (;;) {
            const { done } = await reader.read();
            if (done) break;
          }
        } catch {}
      };
      await readAll();
      return new Response('fine');
    },
  };`;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const miniflare = new Miniflare({
  modules: true,
  script,
  compatibilityDate: '2026-04-01',
  inspectorPort: 0,
});
const { origin } = await miniflare.ready;
const inspector = await connectInspector(await miniflare.getInspectorURL());

const sendHalf = async () => {
  const headers = { 'content-length': '100' };
  const outgoing = sendRequest(origin, { method: 'POST', headers });
  outgoing.on('error', () => {});
  outgoing.write('0123456789');
  await pause(HANG_UP_AFTER_MS);
  outgoing.destroy();
};
for (let round = 1; round <= ROUNDS; round += 1) {
  await Promise.all(Array.from({ length: REQUESTS }, sendHalf));
  await pause(WAIT_MS);
  const count = await inspector.count('Request');
  console.log(`${count} of ${round * REQUESTS} requests are still there`);
}
inspector.close();
await miniflare.dispose();

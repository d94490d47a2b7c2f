// Keeps the Cloudflare example and the worker of the demo under steady load on workerd, while the
// service and the clients misbehave. Called by `cargo xtask assure soak`.
//
//   --minutes N      how long; default 20
//   --connections N  the connections to each worker; default 50
//   --target NAME    only `cloudflare`, only `demo`, or `bare`, a worker without this library
//   --seed S         seeds the faults; default 1
//   --client NAME    `http` (default) or `fetch`, the two clients of Node
//   --no-faults      the service has no faults
//
// No request may get stuck or get an unexpected status, at most a tenth of the requests may be
// interrupted, and at least half must get a token. Every token must belong to the user who asked
// for it, the log must not contain the server key, and the memory of workerd must not grow from the
// third quarter of the time to the last one.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../chaos/random.mjs';
import { createClients } from './clients.mjs';
import { connectInspector, findQuarters, isFlat, readResidentMb } from './memory.mjs';
import { startService } from './service.mjs';
import { TARGETS, startTarget } from './targets.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    connections: { type: 'string', default: '50' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    client: { type: 'string', default: 'http' },
    'no-faults': { type: 'boolean', default: false },
  },
});
const MINUTE_MS = 60_000;
const INTERVALS = 80;
/** How much more memory the last quarter may use than the third: a ratio, plus a number of MiB. */
const RESIDENT_TOLERANCE = { ratio: 0.05, absolute: 2 };
const HEAP_TOLERANCE = { ratio: 0.02, absolute: 0.25 };
/** The share of the requests that may be interrupted, not counting those that hang up. */
const MAX_INTERRUPTED_RATIO = 0.1;
/** The share of the requests that must get a token, although the service has faults. */
const MIN_TOKEN_RATIO = 0.5;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const random = createRandom(Number(values.seed));
const durationMs = Number(values.minutes) * MINUTE_MS;
const names = values.target ? [values.target] : TARGETS;

const startSoak = async (name) => {
  const service = await startService(random, { faults: !values['no-faults'] });
  const target = await startTarget(name, service);
  const inspector = await connectInspector(target.inspectorUrl);
  const clients = await createClients(target, service, random, values.client);
  const runs = Array.from({ length: Number(values.connections) }, () => clients.run());
  return { name, service, target, inspector, clients, runs, resident: [], heap: [] };
};

const measure = async ({ target, inspector, resident, heap }) => {
  resident.push(await readResidentMb(target.pid));
  heap.push(await inspector.readHeapMb());
};

const format = (numbers) => numbers.map((number) => number.toFixed(1)).join(', ');

const printState = (soak, start) => {
  const { name, clients, service, resident, heap } = soak;
  const minutes = ((Date.now() - start) / MINUTE_MS).toFixed(1);
  const { sent, tokens, interrupted, stuck, wrong } = clients.counts;
  console.log(
    `${minutes} min ${name}: ${sent} requests, ${tokens} tokens, ${interrupted} interrupted, ` +
      `${stuck} stuck, ${wrong} wrong; resident ${resident.at(-1).toFixed(1)} MiB, ` +
      `heap ${heap.at(-1).toFixed(2)} MiB, ${service.countHanging()} unanswered at the service`,
  );
};

/** Stops the load, and returns the violations. */
const conclude = async (soak) => {
  const { name, service, target, inspector, clients, runs, resident, heap } = soak;
  await clients.stop();
  await Promise.all(runs);
  const violations = [...clients.violations];
  const { sent, tokens, interrupted } = clients.counts;
  if (interrupted > MAX_INTERRUPTED_RATIO * sent)
    violations.push(`${name}: ${interrupted} of ${sent} requests were interrupted`);
  if (tokens < MIN_TOKEN_RATIO * sent)
    violations.push(`${name}: only ${tokens} of ${sent} requests got a token`);
  if (!isFlat(resident, RESIDENT_TOLERANCE))
    violations.push(`${name}: the resident set grows: ${format(findQuarters(resident))} MiB`);
  if (!isFlat(heap, HEAP_TOLERANCE))
    violations.push(`${name}: the heap grows: ${format(findQuarters(heap))} MiB`);
  if (target.log().includes(service.emulator.serverKey))
    violations.push(`${name}: the log contains the server key`);
  inspector.close();
  clients.close();
  await target.close();
  service.close();
  return violations;
};

const printRow = ({ name, service, clients, resident, heap }) => {
  const { passed = 0, ...faults } = service.counts;
  const faultCount = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const { sent, tokens, interrupted, stuck, wrong } = clients.counts;
  const cells = [
    name,
    values.minutes,
    sent,
    tokens,
    `${faultCount} of ${passed + faultCount}`,
    interrupted,
    stuck,
    wrong,
    format(findQuarters(resident)),
    format(findQuarters(heap)),
  ];
  console.log(`| ${cells.join(' | ')} |`);
};

const start = Date.now();
const soaks = [];
for (const name of names) soaks.push(await startSoak(name));
for (let n = 1; n <= INTERVALS; n += 1) {
  await pause(start + (n * durationMs) / INTERVALS - Date.now());
  for (const soak of soaks) await measure(soak);
  if (n % 4 === 0) for (const soak of soaks) printState(soak, start);
}
const violations = (await Promise.all(soaks.map(conclude))).flat();
soaks.forEach(printRow);
await mkdir('target/soak', { recursive: true });
await writeFile(
  'target/soak/last.json',
  JSON.stringify(
    soaks.map(({ name, resident, heap, clients, service }) => ({
      name,
      resident,
      heap,
      counts: clients.counts,
      statuses: clients.statuses,
      interruptions: clients.interruptions,
      faults: service.counts,
    })),
    undefined,
    2,
  ),
);
for (const text of violations) console.log(text);
console.log(violations.length ? `${violations.length} violations` : 'no violation');
process.exit(violations.length ? 1 : 0);

// Tests mutants in several processes, and prints the fate of each one as a line of JSON. The
// arguments are the folder with the sources, the file that reach.mjs wrote, the list of the
// mutants, and the number of processes. The standard input holds the ids of the mutants to test.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process, { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** How often the changed code may run, at least and compared with a run without a mutant. */
const MIN_HITS = 100_000;
const MAX_HITS_FACTOR = 100;
/** How long the tests of a mutant may take without it. The slowest are left out. */
const MAX_TESTS_MS = 10_000;
/** Ends a loop that no other limit ends. A busy machine does not reach it. */
const MAX_MUTANT_MS = 180_000;
const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

const [tree, reachFile, listFile, jobs] = argv.slice(2);
const { topics, durations, reach } = JSON.parse(readFileSync(reachFile, 'utf8'));
const list = JSON.parse(readFileSync(listFile, 'utf8'));
const ids = readFileSync(0, 'utf8').split('\n').filter(Boolean);

/** How many mutants of a file each test has killed. */
const kills = new Map();
const getKills = (file, index) => kills.get(`${file} ${index}`) ?? 0;

/** Puts the first test of each topic before the second of any, and so on. */
const takeTurns = (indices) => {
  const counts = {};
  const turns = new Map(
    indices.map((index) => [index, (counts[topics[index]] = (counts[topics[index]] ?? 0) + 1)]),
  );
  return indices.sort((a, b) => turns.get(a) - turns.get(b));
};

/**
 * Lists the tests that reach a mutant. Those that killed most others of its file come first. All
 * topics get their turn, the fastest tests first.
 */
const listTests = (id) => {
  const { file } = list[id];
  const indices = takeTurns([...(reach[id]?.tests ?? [])]);
  indices.sort((a, b) => getKills(file, b) - getKills(file, a));
  let ms = 0;
  return indices
    .filter((index) => (ms += durations[index].ms) <= MAX_TESTS_MS)
    .map((index) => ({ index, idleMs: durations[index].idleMs }));
};

/** Starts a worker. `ask` resolves with its answer, or with a fate if it ends without one. */
const startWorker = (mutant = '') => {
  const child = fork(WORKER, [tree], {
    cwd: tree,
    env: { ...process.env, MUTANT: mutant },
    execArgv: ['--max-old-space-size=1024'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', () => resolve({ fate: 'crashed' })));
  const receive = () => new Promise((resolve) => child.once('message', resolve));
  const ready = Promise.race([receive(), ended]);
  const askWithoutLimit = async (job) => {
    if ((await ready) !== 'ready') {
      if (mutant) return ended;
      throw new Error('A worker ends before its first test.');
    }
    const answer = receive();
    child.send(job, () => {}); // If the worker has just ended, `ended` says so.
    return Promise.race([answer, ended]);
  };
  const ask = (job) => {
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, MAX_MUTANT_MS, { fate: 'timeout' });
    });
    // The mutant may loop on import, before the worker is ready.
    return Promise.race([askWithoutLimit(job), limit]).finally(() => clearTimeout(timer));
  };
  return { ask, stop: () => child.kill('SIGKILL') };
};

const testInNewWorker = async (mutant, job) => {
  const worker = startWorker(mutant);
  const result = await worker.ask(job);
  worker.stop();
  return result;
};

/** Tests a mutant in a new process. A mutant that ends two new processes is caught. */
const testAlone = async (id, job) => {
  const mutant = reach[id]?.isTopLevel ? id : '';
  let result = await testInNewWorker(mutant, job);
  if (result.fate === 'crashed') result = await testInNewWorker(mutant, job);
  const fates = { crashed: 'caught', unclear: 'timeout' };
  return { ...result, fate: fates[result.fate] ?? result.fate };
};

const runWorkers = async () => {
  let worker;
  for (let id = ids.shift(); id; id = ids.shift()) {
    const { hits = 0, isTopLevel } = reach[id] ?? {};
    const maxHits = Math.max(MIN_HITS, hits * MAX_HITS_FACTOR);
    const job = { mutant: id, tests: listTests(id), maxHits };
    let result = { fate: 'unclear' };
    if (!isTopLevel) {
      worker ??= startWorker();
      result = await worker.ask(job);
      // What a mutant leaves behind must not disturb the test of the next one.
      if (!['caught', 'missed'].includes(result.fate)) {
        worker.stop();
        worker = undefined;
      }
    }
    if (['unclear', 'crashed'].includes(result.fate)) result = await testAlone(id, job);
    if (result.index !== undefined) {
      const { file } = list[id];
      kills.set(`${file} ${result.index}`, getKills(file, result.index) + 1);
    }
    console.log(JSON.stringify({ id: Number(id), ...result }));
  }
  worker?.stop();
};

await Promise.all(Array.from({ length: Number(jobs) }, runWorkers));

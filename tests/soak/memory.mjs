// Measures the memory of a workerd process: its resident set, and the heap of the worker's isolate
// after a collection of garbage. Judges whether a series of measurements is flat.
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'undici';

/** Reads the resident set of a process in MiB. */
export const readResidentMb = async (pid) => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) / 1024;
};

/** Finds the inspector of the worker under test. Miniflare also runs workers of its own. */
const findInspector = async (url) => {
  const list = await (await fetch(new URL('/json', `http://${url.host}`))).json();
  return `ws://${url.host}/${list.find(({ id }) => id.startsWith('core:user:')).id}`;
};

/** Connects to the inspector of a worker. */
export const connectInspector = async (url) => {
  const socket = new WebSocket(await findInspector(url));
  const waiting = new Map();
  let last = 0;
  let contextId;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result } = JSON.parse(data);
    if (method === 'Runtime.executionContextCreated') contextId = params.context.id;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('Cannot connect to the inspector.')));
  });
  const call = (method, params) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await call('Runtime.enable');
  /** Collects garbage, then counts the instances of the class whose prototype is `expression`. */
  const countInstances = async (expression) => {
    const group = { objectGroup: 'soak' };
    const { result } = await call('Runtime.evaluate', { expression, contextId, ...group });
    const { objectId } = result;
    const found = await call('Runtime.queryObjects', { prototypeObjectId: objectId, ...group });
    await call('Runtime.releaseObjectGroup', group);
    return Number(/\d+/.exec(found.objects.description)[0]);
  };
  return {
    count: (name) => countInstances(`${name}.prototype`),
    /**
     * Collects garbage, and returns the used heap of the isolate in MiB. A query of objects starts
     * with a full collection; workerd never answers `HeapProfiler.collectGarbage`.
     */
    async readHeapMb() {
      await countInstances('(class Probe {}).prototype');
      // The inspector retains the last messages of the console, which would count as used heap.
      await call('Runtime.discardConsoleEntries');
      const { usedSize, backingStorageSize } = await call('Runtime.getHeapUsage');
      return (usedSize + backingStorageSize) / 2 ** 20;
    },
    close: () => socket.close(),
  };
};

const findMedian = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Returns the median of each quarter of a series. */
export const findQuarters = (series) => {
  const size = Math.max(1, Math.floor(series.length / 4));
  return [0, 1, 2, 3].map((quarter) =>
    findMedian(series.slice(quarter * size, quarter === 3 ? undefined : (quarter + 1) * size)),
  );
};

/** Returns whether the median of the last quarter is at most that of the third plus a tolerance. */
export const isFlat = (series, { ratio, absolute }) => {
  const [, , third, fourth] = findQuarters(series);
  return fourth <= third * (1 + ratio) + absolute;
};

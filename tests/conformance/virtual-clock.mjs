// A clock that a test controls, for the `clock` option: wall time, monotonic time and timers.
// Advancing the clock takes almost no real time: between two timers, it only waits for the turns of
// the event loop that pending work needs. Only short timers take real time.
import { ok, waitOneTurn } from './harness.mjs';

const realSetTimeout = globalThis.setTimeout; // Tests replace the global with a stub.

/** The longest delay of a JavaScript timer; a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/**
 * The clients count as idle after this many consecutive turns in which no request was in flight and
 * no lock was held or requested. A message on a channel takes several turns.
 */
const IDLE_TURNS = 6;
/**
 * Timers of at most this delay fire in real time, even if the test does not advance the clock.
 * Clients use such timers to wait for messages of other clients, which a channel delivers in real
 * time.
 */
const MAX_REAL_TIME_MS = 250;

/** Returns whether a Web Lock of this page's origin is held or requested. */
const areLocksInUse = async () => {
  if (globalThis.document === undefined || !navigator.locks) return false;
  const { held, pending } = await navigator.locks.query();
  return held.length + pending.length > 0;
};

/**
 * Creates a clock whose wall time starts at `at`. It calls `onAdvance(ms)` whenever time passes,
 * and `isBusy()` to learn whether a request is in flight.
 */
export const createVirtualClock = ({ at, onAdvance = () => {}, isBusy = () => false }) => {
  const timers = new Map();
  let wallTime = at;
  let monotonicTime = 0;
  let lastHandle = 0;
  /** Waits until pending work is finished, without advancing time. */
  const waitUntilIdle = async () => {
    for (let idleTurns = 0; idleTurns < IDLE_TURNS;) {
      await waitOneTurn();
      idleTurns = isBusy() || (await areLocksInUse()) ? 0 : idleTurns + 1;
    }
  };
  const elapse = (ms) => {
    wallTime += ms;
    monotonicTime += ms;
    onAdvance(ms);
  };
  const findNextTimer = () =>
    [...timers].reduce(
      (first, entry) => (first && first[1].at <= entry[1].at ? first : entry),
      undefined,
    );
  const fire = (handle) => {
    const timer = timers.get(handle);
    if (!timer) return;
    elapse(Math.max(0, timer.at - monotonicTime));
    timers.delete(handle);
    timer.callback();
  };

  const clock = {
    now: () => wallTime,
    monotonic: () => monotonicTime,
    setTimeout(callback, ms) {
      ok(
        typeof callback === 'function' && ms <= MAX_TIMER_MS,
        `invalid timer: ${ms} ms, at most ${MAX_TIMER_MS}`,
      );
      const handle = (lastHandle += 1);
      const isRealTime = ms <= MAX_REAL_TIME_MS;
      const fired =
        isRealTime &&
        new Promise((resolve) => realSetTimeout(resolve, Math.max(0, ms))).then(() => fire(handle));
      timers.set(handle, { callback, at: monotonicTime + Math.max(0, ms || 0), fired });
      return handle;
    },
    clearTimeout: (handle) => void timers.delete(handle),
  };

  return {
    clock,
    waitUntilIdle,
    /** Returns the number of timers that have neither fired nor been cleared. */
    countTimers: () => timers.size,
    /** Advances time by `ms` and fires each timer when it is due. */
    async advance(ms) {
      await waitUntilIdle();
      const end = monotonicTime + ms;
      for (let next = findNextTimer(); next && next[1].at <= end; next = findNextTimer()) {
        const [handle, { fired }] = next;
        if (fired) await fired;
        else fire(handle);
        await waitUntilIdle();
      }
      elapse(Math.max(0, end - monotonicTime));
    },
    /** Puts the device to sleep: wall time passes, monotonic time and timers stop. */
    sleep(ms) {
      wallTime += ms;
      onAdvance(ms);
    },
    /** Shifts the device's wall clock, as if the user had set it. No time passes. */
    shiftWallClock(ms) {
      wallTime += ms;
    },
  };
};

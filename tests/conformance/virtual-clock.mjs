// A clock that a test turns, to be given as the `clock` option: wall time, monotonic time and
// timers. The service's clock may turn along. Nothing here waits for time to pass; between two
// timers the engine only gets the turns that it needs to carry out what was begun.
import { ok, turn } from './harness.mjs';

const wait = globalThis.setTimeout; // kept here because tests put stubs in its place

/** The longest wait that a timer of JavaScript knows; a longer one would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;
/**
 * So many turns in a row in which no request is under way, and no lock is taken or waited for,
 * count as rest: a channel takes a few by itself.
 */
const QUIET_TURNS = 6;
/**
 * So long a client waits for what others may say on a channel, which takes the engine's own time: a
 * wait as short as that takes it too.
 */
const BRIEF_MS = 250;

/**
 * Whether a page's lock is taken or waited for: whoever does so goes on as soon as it is granted.
 */
const areLocksTaken = async () => {
  if (globalThis.document === undefined || !navigator.locks) return false;
  const { held, pending } = await navigator.locks.query();
  return held.length + pending.length > 0;
};

/**
 * `at`: what the wall clock shows. `along(ms)` is told how far time has gone. `isBusy()`: whether
 * something is under way that will end by itself.
 */
export const virtualClock = ({ at, along = () => {}, isBusy = () => false }) => {
  const timers = new Map();
  let wall = at;
  let monotonic = 0;
  let last = 0;
  /** Lets what was begun come to an end, with time standing still. */
  const rest = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await turn();
      quiet = isBusy() || (await areLocksTaken()) ? 0 : quiet + 1;
    }
  };
  const pass = (ms) => {
    wall += ms;
    monotonic += ms;
    along(ms);
  };
  const first = () =>
    [...timers].reduce(
      (found, one) => (found && found[1].at <= one[1].at ? found : one),
      undefined,
    );
  const ring = (handle) => {
    const timer = timers.get(handle);
    if (!timer) return;
    pass(Math.max(0, timer.at - monotonic));
    timers.delete(handle);
    timer.callback();
  };

  const clock = {
    now: () => wall,
    monotonic: () => monotonic,
    setTimeout(callback, ms) {
      ok(typeof callback === 'function' && ms <= LONGEST_MS, `no timer waits for ${ms} ms`);
      const handle = (last += 1);
      const isBrief = ms <= BRIEF_MS;
      const over =
        isBrief &&
        new Promise((resolve) => wait(resolve, Math.max(0, ms))).then(() => ring(handle));
      timers.set(handle, { callback, at: monotonic + Math.max(0, ms || 0), over });
      return handle;
    },
    clearTimeout: (handle) => void timers.delete(handle),
  };

  return {
    clock,
    rest,
    /** Timers that have not rung. */
    pending: () => timers.size,
    /** Time goes on by so much, and each timer rings at its moment. */
    async turn(ms) {
      await rest();
      const end = monotonic + ms;
      for (let next = first(); next && next[1].at <= end; next = first()) {
        const [handle, { over }] = next;
        if (over) await over;
        else ring(handle);
        await rest();
      }
      pass(Math.max(0, end - monotonic));
    },
    /** The device sleeps: the world goes on, its monotonic time and its timers do not. */
    sleep(ms) {
      wall += ms;
      along(ms);
    },
    /** Somebody sets the device's clock: only what it shows changes. */
    set(ms) {
      wall += ms;
    },
  };
};

// A clock for a page. It runs like the real clock, and a test can advance it. The site puts the
// source of `installClock` into the page, before every other script.

/**
 * Replaces `Date`, `performance.now`, `setTimeout` and `clearTimeout`. Runs in the page.
 *
 * @param elapsed - By how many milliseconds the clock is ahead of the real clock at the start.
 */
export const installClock = (elapsed) => {
  const { Date: RealDate, setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
  const readMonotonic = performance.now.bind(performance);
  /** A longer delay would make a timer fire at once. */
  const MAX_DELAY_MS = 2 ** 31 - 1;
  /**
   * Timers of at most this delay measure real time: clients use them to wait for messages and for
   * writes to storage, which take real time.
   */
  const MAX_REAL_TIME_MS = 250;
  const timers = new Map();
  let wallOffset = elapsed;
  let monotonicOffset = 0;
  let lastHandle = 0;

  const now = () => readMonotonic() + monotonicOffset;
  const arm = (handle) => {
    const timer = timers.get(handle);
    realClearTimeout(timer.real);
    const delay = Math.max(0, timer.at - now());
    timer.real = realSetTimeout(() => fire(handle), Math.min(delay, MAX_DELAY_MS));
  };
  const fire = (handle) => {
    const { at, callback } = timers.get(handle);
    // Fire up to 1 ms early: engines round the delay of a timer and the time in different ways.
    if (at - now() > 1) return arm(handle);
    timers.delete(handle);
    callback();
  };

  globalThis.Date = class Date extends RealDate {
    constructor(...values) {
      if (values.length) super(...values);
      else super(RealDate.now() + wallOffset);
    }
    static now() {
      return RealDate.now() + wallOffset;
    }
  };
  performance.now = now;
  globalThis.setTimeout = (callback, delay, ...values) => {
    const handle = (lastHandle += 1);
    const ms = Math.max(0, Number(delay) || 0);
    const isReal = ms <= MAX_REAL_TIME_MS;
    timers.set(handle, { at: now() + ms, isReal, callback: () => callback(...values) });
    arm(handle);
    return handle;
  };
  globalThis.clearTimeout = (handle) => {
    realClearTimeout(timers.get(handle)?.real);
    timers.delete(handle);
  };
  globalThis.pageClock = {
    /**
     * Advances the clock in one step, when the real clock shows `realTime` or later. Timers that
     * became due fire in the next turn, in order. Returns how many milliseconds were left until
     * `realTime`.
     */
    async advance(ms, realTime) {
      const wait = realTime - RealDate.now();
      if (wait > 0) await new Promise((resolve) => realSetTimeout(resolve, wait));
      wallOffset += ms;
      monotonicOffset += ms;
      for (const timer of timers.values()) if (timer.isReal) timer.at += ms;
      const inOrder = [...timers].sort(([, one], [, other]) => one.at - other.at);
      for (const [handle] of inOrder) arm(handle);
      return wait;
    },
    /** Returns whether no timer is left that measures real time. */
    isIdle: () => ![...timers.values()].some(({ isReal }) => isReal),
    /** Shifts wall time only, as happens when a user sets the clock or when the device sleeps. */
    shiftWallClock: (ms) => void (wallOffset += ms),
  };
};

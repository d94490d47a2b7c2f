// Replaces the global timers with stubs, which record the requested delays, fire most timers in the
// next turn, and count the timers that are still running.
import { withReplaced } from './harness.mjs';

const { setTimeout: realSet, clearTimeout: realClear } = globalThis;

/**
 * A `timeoutMs` longer than any backoff, by which the stub distinguishes a timeout from a backoff.
 */
export const TIMEOUT_MS = 987_654;

/**
 * Runs `body` with recorded timers. A timer of `TIMEOUT_MS` ms never fires. All others fire in the
 * next turn or, with `hold`, never fire either. `body` receives `delays`, the delays that backoffs
 * requested, and `countRunning()`, the number of timers that have neither fired nor been cleared.
 */
export const withTimers = async (body, { hold = false } = {}) => {
  const timers = [];
  const set = (callback, ms, ...args) => {
    const timer = { ms, isOver: false };
    const isHeld = hold || ms === TIMEOUT_MS;
    timer.handle = realSet(
      () => {
        timer.isOver = true;
        callback(...args);
      },
      isHeld ? TIMEOUT_MS : 0,
    );
    timers.push(timer);
    return timer.handle;
  };
  const clear = (handle) => {
    for (const timer of timers)
      if (timer.handle === handle || Number(timer.handle) === Number(handle)) timer.isOver = true;
    realClear(handle);
  };
  const view = {
    countRunning: () => timers.filter(({ isOver }) => !isOver).length,
    get delays() {
      return timers.filter(({ ms }) => ms !== TIMEOUT_MS).map(({ ms }) => ms);
    },
  };
  try {
    return await withReplaced(globalThis, 'setTimeout', set, () =>
      withReplaced(globalThis, 'clearTimeout', clear, () => body(view)),
    );
  } finally {
    for (const { handle } of timers) realClear(handle);
  }
};

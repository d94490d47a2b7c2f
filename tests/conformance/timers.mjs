// Replaces the global timers with ones that a test controls: they record the requested delays, fire
// immediately, and count the timers that are still running.
import { replaced } from './harness.mjs';

const { setTimeout: realSet, clearTimeout: realClear } = globalThis;

/**
 * A `timeoutMs` longer than any backoff, so that the stub can tell the two kinds of timer apart.
 */
export const TIMEOUT = 987_654;

/**
 * Runs `body` with recorded timers. A timer of `TIMEOUT` ms keeps its delay; all others fire in the
 * next turn, unless `hold` is set. `body` receives `delays`, the delays that backoffs requested,
 * and `running()`, the number of timers that neither fired nor were cleared.
 */
export const withTimers = async (body, { hold = false } = {}) => {
  const timers = [];
  const set = (callback, ms, ...args) => {
    const timer = { ms, isOver: false };
    const keepsDelay = hold || ms === TIMEOUT;
    timer.handle = realSet(
      () => {
        timer.isOver = true;
        callback(...args);
      },
      keepsDelay ? TIMEOUT : 0,
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
    running: () => timers.filter(({ isOver }) => !isOver).length,
    get delays() {
      return timers.filter(({ ms }) => ms !== TIMEOUT).map(({ ms }) => ms);
    },
  };
  try {
    return await replaced(globalThis, 'setTimeout', set, () =>
      replaced(globalThis, 'clearTimeout', clear, () => body(view)),
    );
  } finally {
    for (const { handle } of timers) realClear(handle);
  }
};

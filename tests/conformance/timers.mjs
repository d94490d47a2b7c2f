// Timers that a test owns: the delays that were asked for are kept, the short way round is taken,
// and what is left running is counted.
import { replaced } from './harness.mjs';

const { setTimeout: realSet, clearTimeout: realClear } = globalThis;

/** A `timeoutMs` that no backoff reaches, so that a stub can tell the two kinds of timer apart. */
export const TIMEOUT = 987_654;

/**
 * Runs `body` with timers that count. Those of `TIMEOUT` wait as they should; all others fire in
 * the next turn, unless `hold` says to keep them waiting. `delays`: what backoffs asked for;
 * `running()`: timers neither fired nor cleared.
 */
export const withTimers = async (body, { hold = false } = {}) => {
  const timers = [];
  const set = (callback, ms, ...args) => {
    const timer = { ms, over: false };
    const waits = hold || ms === TIMEOUT;
    timer.handle = realSet(
      () => {
        timer.over = true;
        callback(...args);
      },
      waits ? TIMEOUT : 0,
    );
    timers.push(timer);
    return timer.handle;
  };
  const clear = (handle) => {
    for (const timer of timers)
      if (timer.handle === handle || Number(timer.handle) === Number(handle)) timer.over = true;
    realClear(handle);
  };
  const view = {
    running: () => timers.filter(({ over }) => !over).length,
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

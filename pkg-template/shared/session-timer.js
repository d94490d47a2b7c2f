// The one timer of a client.
import { host } from './host.js';
import { MAX_TIMER_MS } from './wire.js';

/** @import { SessionClientOptions } from 'social-plus-auth' */
/** @typedef {NonNullable<SessionClientOptions['clock']>} ClientClock */

/** In Node a timer that is not referred to does not keep the process alive. */
export class Timer {
  #clock;
  #ring;
  /** @type {number | undefined} */
  #at;
  /** @type {any} the handle, of whatever type the clock has */
  #handle;

  /**
   * @param {ClientClock} clock
   * @param {() => void} ring
   */
  constructor(clock, ring) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /**
   * Sets the timer, in monotonic time. `isAwaited`: a caller waits for it.
   *
   * @param {number} at
   * @param {boolean} isAwaited
   */
  set(at, isAwaited) {
    if (at !== this.#at) {
      this.stop();
      this.#at = at;
      // Where a client lives for one request, a timer that no caller waits for is never set.
      if (at === Infinity || (host.isPerRequest && !isAwaited)) return;
      const ms = Math.min(Math.max(at - this.#clock.monotonic(), 0), MAX_TIMER_MS);
      this.#handle = this.#clock.setTimeout(() => {
        // It may have rung early, since a timer cannot take longer: the step sets it again.
        this.#at = undefined;
        this.#ring();
      }, ms);
    }
    if (!isAwaited) this.#handle?.unref?.();
  }

  /** Keeps the process alive until the timer rings. */
  ref() {
    this.#handle?.ref?.();
  }

  stop() {
    // Node retains what belongs to a timer that is cleared while it is not referred to.
    this.ref();
    this.#clock.clearTimeout(this.#handle);
  }
}

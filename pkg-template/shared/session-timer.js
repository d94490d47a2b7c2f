// Runs the single timer of a client.
import { host } from './host.js';
import { MAX_TIMER_MS } from './wire.js';

/** @import { SessionClientOptions } from 'social-plus-auth' */
/** @typedef {NonNullable<SessionClientOptions['clock']>} ClientClock */

/**
 * The timer of a client. In Node, it keeps the process alive only while a caller waits for it
 * (`ref` and `unref`).
 */
export class Timer {
  #clock;
  #onFire;
  /** @type {number | undefined} */
  #at;
  /** @type {any} the handle, whose type depends on the clock */
  #handle;

  /**
   * @param {ClientClock} clock
   * @param {() => void} onFire
   */
  constructor(clock, onFire) {
    this.#clock = clock;
    this.#onFire = onFire;
  }

  /**
   * Sets the timer.
   *
   * @param {number} at when to fire, in monotonic time
   * @param {boolean} isAwaited whether a caller waits for the timer
   */
  set(at, isAwaited) {
    // A client that lives for one request sets the timer only if a caller waits for it.
    if (host.isPerRequest && !isAwaited) at = Infinity;
    if (at !== this.#at) {
      this.stop();
      this.#at = at;
      if (at === Infinity) return;
      const ms = Math.min(Math.max(at - this.#clock.monotonic(), 0), MAX_TIMER_MS);
      this.#handle = this.#clock.setTimeout(() => {
        // The timer may have fired before `at`, because of `MAX_TIMER_MS`. The next step sets it
        // again.
        this.#at = undefined;
        this.#onFire();
      }, ms);
    }
    if (!isAwaited) this.#handle?.unref?.();
  }

  /** Keeps the process alive until the timer fires. */
  ref() {
    this.#handle?.ref?.();
  }

  stop() {
    // Node would leak memory if the timer were cleared while it is unreferenced.
    this.ref();
    this.#clock.clearTimeout(this.#handle);
  }
}

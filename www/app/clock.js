// A clock that can be advanced. Wall time and monotonic time are ahead of the real times by the
// same amount. Advancing the clock fires the timers that become due. `SessionClient` accepts such a
// clock as its option `clock`.

// A longer real timeout would overflow and fire immediately.
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @typedef {{ callback: () => void, dueAt: number }} Timer */

export class AdjustableClock {
  #aheadMs = 0;
  /** @type {Map<number, Timer>} */
  #timers = new Map();
  #lastHandle = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #realTimer;

  now = () => Date.now() + this.#aheadMs;
  monotonic = () => performance.now() + this.#aheadMs;

  /**
   * @param {() => void} callback
   * @param {number} ms
   */
  setTimeout = (callback, ms) => {
    const handle = (this.#lastHandle += 1);
    this.#timers.set(handle, { callback, dueAt: this.monotonic() + ms });
    this.#schedule();
    return handle;
  };

  /** @param {unknown} handle */
  clearTimeout = (handle) => {
    if (this.#timers.delete(/** @type {number} */ (handle))) this.#schedule();
  };

  get aheadMs() {
    return this.#aheadMs;
  }

  /**
   * Advances the clock until it is `aheadMs` ahead of the real time. Returns false, and changes
   * nothing, if it is that far ahead already: the clock never goes back.
   *
   * @param {number} aheadMs
   */
  advanceTo(aheadMs) {
    if (!(aheadMs > this.#aheadMs)) return false;
    this.#aheadMs = aheadMs;
    this.#schedule();
    return true;
  }

  #findEarliest() {
    /** @type {Timer & { handle: number } | undefined} */
    let earliest;
    for (const [handle, timer] of this.#timers) {
      if (!earliest || timer.dueAt < earliest.dueAt) earliest = { handle, ...timer };
    }
    return earliest;
  }

  /** Sets the only real timer, for the timer of this clock that is due first. */
  #schedule() {
    clearTimeout(this.#realTimer);
    const earliest = this.#findEarliest();
    if (!earliest) return;
    const ms = Math.min(Math.max(0, earliest.dueAt - this.monotonic()), MAX_TIMEOUT_MS);
    this.#realTimer = setTimeout(() => this.#fire(), ms);
  }

  /**
   * Runs the callback of the earliest timer if that timer is due. The next timer gets a task of its
   * own, as a real timer does, so that an exception in this callback does not stop it.
   */
  #fire() {
    const earliest = this.#findEarliest();
    if (!earliest) return;
    const { handle, callback, dueAt } = earliest;
    if (dueAt <= this.monotonic()) this.#timers.delete(handle);
    this.#schedule();
    if (!this.#timers.has(handle)) callback();
  }
}

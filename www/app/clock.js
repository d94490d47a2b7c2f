// A clock that can be turned: wall time and monotonic time are ahead of the real ones by the same
// amount, and timers come due when it is turned past them. This is what `SessionClient` takes as
// its `clock`.

// A longer timeout would overflow and fire at once.
const longestTimeoutMs = 2 ** 31 - 1;

export class TurnableClock {
  #aheadMs = 0;
  #timers = new Map();
  #lastHandle = 0;
  #alarm;

  now = () => Date.now() + this.#aheadMs;
  monotonic = () => performance.now() + this.#aheadMs;

  setTimeout = (callback, ms) => {
    const handle = (this.#lastHandle += 1);
    this.#timers.set(handle, { callback, due: this.monotonic() + ms });
    this.#arm();
    return handle;
  };

  clearTimeout = (handle) => {
    if (this.#timers.delete(handle)) this.#arm();
  };

  get aheadMs() {
    return this.#aheadMs;
  }

  /** Only forward; whether it had to be turned. */
  turnTo(aheadMs) {
    if (!(aheadMs > this.#aheadMs)) return false;
    this.#aheadMs = aheadMs;
    this.#arm();
    return true;
  }

  #earliest() {
    let earliest;
    for (const [handle, timer] of this.#timers) {
      if (!earliest || timer.due < earliest.due) earliest = { handle, ...timer };
    }
    return earliest;
  }

  /** One real timer stands for all. */
  #arm() {
    clearTimeout(this.#alarm);
    const earliest = this.#earliest();
    if (!earliest) return;
    const ms = Math.min(Math.max(0, earliest.due - this.monotonic()), longestTimeoutMs);
    this.#alarm = setTimeout(() => this.#ring(), ms);
  }

  /**
   * One callback at a time, as real timers do: the next one has a task of its own, whatever this
   * one throws.
   */
  #ring() {
    const { handle, callback, due } = this.#earliest();
    if (due <= this.monotonic()) this.#timers.delete(handle);
    this.#arm();
    if (!this.#timers.has(handle)) callback();
  }
}

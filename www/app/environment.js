// Holds the state that the demo's tabs share: how far the clock is ahead, and whether the browser
// is offline. Sends each change to the other tabs. The session is not part of this state, because
// the package shares the session between tabs.
import { AdjustableClock } from './clock.js';

/**
 * Dispatches `advance` after the clock was advanced, and `network` after the browser went offline
 * or online.
 */
export class Environment extends EventTarget {
  clock = new AdjustableClock();
  isOffline = false;
  #channel = new BroadcastChannel('demo-environment');

  /** @param {number} aheadMs - how many milliseconds the service's clock is ahead */
  constructor(aheadMs = 0) {
    super();
    this.clock.advanceTo(aheadMs);
    this.#channel.addEventListener('message', ({ data }) =>
      data === 'hello' ? this.#broadcast() : this.#apply(data),
    );
    this.#channel.postMessage('hello');
  }

  /**
   * Calls the global `fetch`, or rejects while the demo simulates an offline browser.
   *
   * @param {string} url
   * @param {RequestInit} init
   * @returns {Promise<Response>}
   */
  fetch = (url, init) =>
    this.isOffline
      ? Promise.reject(new TypeError('The browser is offline.'))
      : globalThis.fetch(url, init);

  /** @param {number} aheadMs */
  advanceTo(aheadMs) {
    this.#apply({ aheadMs, isOffline: this.isOffline });
    this.#broadcast();
  }

  /** @param {boolean} isOffline */
  setOffline(isOffline) {
    this.#apply({ aheadMs: this.clock.aheadMs, isOffline });
    this.#broadcast();
  }

  #broadcast() {
    this.#channel.postMessage({ aheadMs: this.clock.aheadMs, isOffline: this.isOffline });
  }

  /** @param {{ aheadMs: number, isOffline: boolean }} change */
  #apply({ aheadMs, isOffline }) {
    const hasNetworkChanged = isOffline !== this.isOffline;
    this.isOffline = isOffline;
    if (this.clock.advanceTo(aheadMs)) this.dispatchEvent(new Event('advance'));
    if (!hasNetworkChanged) return;
    this.dispatchEvent(new Event('network'));
    // A browser dispatches these events when its real network changes. The package listens for
    // `online`.
    globalThis.dispatchEvent(new Event(isOffline ? 'offline' : 'online'));
  }
}

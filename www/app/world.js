// What the tabs of this browser have in common beside the session: how far the clock has been
// turned, and whether there is a network. Whoever changes it tells the others. (The session itself
// they share without any of this: that is the package's work.)
import { TurnableClock } from './clock.js';

/**
 * Tells by `turn` that the clock has been turned, by `network` that the network has gone or is
 * back.
 */
export class World extends EventTarget {
  clock = new TurnableClock();
  isNetworkAway = false;
  #channel = new BroadcastChannel('demo-world');

  /**
   * `aheadMs` is how far the service's clock is ahead. Another tab, if there is one, is asked for
   * the rest.
   */
  constructor(aheadMs = 0) {
    super();
    this.clock.turnTo(aheadMs);
    this.#channel.addEventListener('message', ({ data }) =>
      data === 'hello' ? this.#tell() : this.#become(data),
    );
    this.#channel.postMessage('hello');
  }

  /** What goes over the network: the global `fetch`, or without a network what that does then. */
  fetch = (url, init) =>
    this.isNetworkAway
      ? Promise.reject(new TypeError('There is no network.'))
      : globalThis.fetch(url, init);

  turnTo(aheadMs) {
    this.#become({ aheadMs, isNetworkAway: this.isNetworkAway });
    this.#tell();
  }

  takeNetwork(isNetworkAway) {
    this.#become({ aheadMs: this.clock.aheadMs, isNetworkAway });
    this.#tell();
  }

  #tell() {
    this.#channel.postMessage({ aheadMs: this.clock.aheadMs, isNetworkAway: this.isNetworkAway });
  }

  #become({ aheadMs, isNetworkAway }) {
    const changed = isNetworkAway !== this.isNetworkAway;
    this.isNetworkAway = isNetworkAway;
    if (this.clock.turnTo(aheadMs)) this.dispatchEvent(new Event('turn'));
    if (!changed) return;
    this.dispatchEvent(new Event('network'));
    // What a browser says of a real network, and what the package listens for.
    globalThis.dispatchEvent(new Event(isNetworkAway ? 'offline' : 'online'));
  }
}

// The state that the tabs of one device share: the shared numbers, the device id, a lock and a
// channel. None of it is secret. A browser keeps it in `localStorage`. Elsewhere, clients of one
// process share it if they name a namespace. Without either, each client is a separate device.
import { DEVICE_ID_BYTES, LOCK_HOLD_MS } from './constants.js';
import { randomHex } from './hash.js';
import { host } from './host.js';
import { SHARED_NUMBER_LENGTH } from './session-wire.js';
import { MAX_DEVICE_ID_LENGTH } from './wire.js';

/** @import { Packed } from './keep.js' */

/**
 * A message to the other tabs. `shared` holds the sender's shared numbers.
 *
 * @typedef {{ message: number, at?: number, entry?: Packed }} TabMessage
 */

/** @type {number[]} */
const NO_NUMBERS = Array(SHARED_NUMBER_LENGTH).fill(0);

/** @type {Map<string, string>} */
const processTexts = new Map();
/** Stands in for `localStorage` outside a page. */
const processStorage = {
  /** @param {string} name */
  getItem: (name) => processTexts.get(name),
  /** @param {string} name @param {string} text */
  setItem: (name, text) => processTexts.set(name, text),
};

/** Returns the global `localStorage` if this is a page that may use it. */
export const localStorage = () => {
  try {
    return globalThis.document && globalThis.localStorage;
  } catch {
    return undefined;
  }
};

/**
 * @param {unknown} numbers
 * @returns {numbers is number[]}
 */
const areSharedNumbers = (numbers) =>
  Array.isArray(numbers) &&
  numbers.length === SHARED_NUMBER_LENGTH &&
  numbers.every(Number.isFinite);

/**
 * @param {unknown} id
 * @returns {id is string}
 */
const isDeviceId = (id) =>
  typeof id === 'string' &&
  id !== '' &&
  id.length <= MAX_DEVICE_ID_LENGTH &&
  !/\p{Surrogate}/u.test(id);

/** The device of one name. */
export class Device {
  /** @type {Storage | typeof processStorage | undefined} */
  #storage;
  /** @type {{ deviceId: string | undefined, shared: number[] }} */
  #own;
  /** @type {BroadcastChannel | undefined} */
  #channel;
  #isNew;

  /**
   * @param {string} name
   * @param {boolean} isNamed whether the app has named a namespace
   * @param {string} [deviceId]
   */
  constructor(name, isNamed, deviceId) {
    this.name = name;
    this.#storage = localStorage();
    /** Whether there may be other tabs. */
    this.isShared = Boolean(this.#storage || isNamed) && !host.isPerRequest;
    if (this.isShared) this.#storage ??= processStorage;
    this.#own = { deviceId, shared: NO_NUMBERS };
    this.read();
    this.#isNew = !this.#own.deviceId;
    this.#own.deviceId ??= randomHex(DEVICE_ID_BYTES);
    if (!this.write(this.#own.shared)) {
      // Storage is full or forbidden: this client becomes a separate device.
      this.#storage = undefined;
      this.isShared = false;
    }
  }

  get deviceId() {
    return this.#own.deviceId ?? '';
  }

  /**
   * Adopts the device id of a stored session if the device has just been given a random one.
   *
   * @param {unknown} deviceId
   */
  adoptId(deviceId) {
    if (this.#isNew && isDeviceId(deviceId)) {
      this.#own.deviceId = deviceId;
      this.write(this.#own.shared);
    }
    this.#isNew = false;
  }

  /** Reads the shared numbers. Where they were lost, the numbers that this client knew count. */
  read() {
    try {
      const { deviceId, shared } = JSON.parse(this.#storage?.getItem(this.name) ?? '');
      if (areSharedNumbers(shared)) this.#own.shared = shared;
      if (isDeviceId(deviceId)) this.#own.deviceId ??= deviceId;
    } catch {
      this.write(this.#own.shared);
    }
    return this.#own.shared;
  }

  /**
   * Writes the shared numbers. Returns whether it could.
   *
   * @param {number[]} shared
   */
  write(shared) {
    this.#own.shared = shared;
    // Before it has an id, it is not a device yet.
    if (!this.#own.deviceId || !this.#storage) return false;
    try {
      this.#storage.setItem(this.name, JSON.stringify(this.#own));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Requests the lock for at most `ms`, and calls `then` once with whether it was granted. An abort
   * of `signal` ends the request.
   *
   * @param {number} ms
   * @param {AbortSignal} signal
   * @param {(isGranted: boolean) => void} then
   */
  lock(ms, signal, then) {
    const { locks } = globalThis.navigator ?? {};
    // Within one process, no other client can run in the meantime.
    if (!this.#storage || this.#storage === processStorage) return then(true);
    if (!locks) return then(false);
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, ms);
    signal.addEventListener('abort', abort, { signal: controller.signal });
    const hold = () => {
      clearTimeout(timer);
      then(true);
      return new Promise((resolve) => setTimeout(resolve, LOCK_HOLD_MS));
    };
    locks
      .request(this.name, { signal: controller.signal }, hold)
      .catch(() => then(false))
      .finally(() => {
        clearTimeout(timer);
        abort();
      });
  }

  /**
   * Listens to the other tabs from now on.
   *
   * @param {(message: TabMessage & { shared: number[] }) => void} onMessage
   */
  listen(onMessage) {
    if (!this.isShared) return;
    try {
      this.#channel = new BroadcastChannel(this.name);
    } catch {
      // The engine has no channels: the other tabs notice a change when they next read the state.
      return;
    }
    this.#channel.onmessage = ({ data }) => {
      // Another version of this package may send something else.
      if (areSharedNumbers(data?.shared)) onMessage(data);
    };
    // Node: listening alone must not keep the process alive.
    /** @type {{ unref?: () => void }} */ (this.#channel).unref?.();
  }

  /**
   * Sends a message to the other tabs.
   *
   * @param {TabMessage} message
   */
  send(message) {
    try {
      this.#channel?.postMessage({ ...message, shared: this.#own.shared });
    } catch {
      // Some runtimes close all channels of a name when one closes. The other tabs notice a change
      // when they next read the state.
    }
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}

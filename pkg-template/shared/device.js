// What the tabs of one device share: the shared numbers, the device id, a lock and a channel. The
// numbers and the id are not secret. In a page, they are in `localStorage`. Outside a page, the
// clients of one process share them if the app sets a namespace, except in a worker whose clients
// live for one request. In all other cases, each client is a separate device.
import { DEVICE_ID_BYTES } from './constants.js';
import { randomHex } from './hash.js';
import { host } from './host.js';
import { LOCK_HOLD_MS, RECORD_VERSION, SHARED_NUMBER_LENGTH } from './session-wire.js';
import { MAX_DEVICE_ID_LENGTH } from './wire.js';

/** @import { Packed } from './keep.js' */

/**
 * A message to the other tabs. `send` adds two fields: `shared`, the numbers that the sender last
 * read or wrote, and `v`, their version.
 *
 * @typedef {{ message: number, at?: number, entry?: Packed }} TabMessage
 */

/** @type {number[]} */
const NO_NUMBERS = Array(SHARED_NUMBER_LENGTH).fill(0);

/** @type {Map<string, string>} */
const processTexts = new Map();
/** Replaces `localStorage` outside a page. */
const processStorage = {
  /** The id of this process or worker; empty until a client needs it. */
  id: '',
  /** @param {string} name */
  getItem: (name) => processTexts.get(name),
  /** @param {string} name @param {string} text */
  setItem: (name, text) => processTexts.set(name, text),
};

/** Returns the page's `localStorage`, or undefined if it is forbidden or this is not a page. */
export const getLocalStorage = () => {
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

/** A device. Clients whose devices are shared and have the same name share the state. */
export class Device {
  /** @type {Storage | typeof processStorage | undefined} */
  #storage;
  /**
   * `v` is the latest version that this client has met, in storage or in a message.
   *
   * @type {{ deviceId?: string, shared: number[], v: number }}
   */
  #state;
  /** @type {BroadcastChannel | undefined} */
  #channel;
  #isNew;
  #hasWritten = false;
  /** The version of the numbers that were read last. @type {number | undefined} */
  #readVersion;

  /**
   * @param {string} name
   * @param {boolean} isNamed whether the app has named a namespace
   * @param {string} [deviceId]
   */
  constructor(name, isNamed, deviceId) {
    this.name = name;
    this.#storage = getLocalStorage();
    /** Whether other tabs may share the device. */
    this.isShared =
      Boolean(this.#storage || (isNamed && !globalThis.document)) && !host.isPerRequest;
    if (this.isShared) this.#storage ??= processStorage;
    this.#state = { deviceId, shared: NO_NUMBERS, v: RECORD_VERSION };
    this.read();
    this.#isNew = !this.#state.deviceId;
    this.#state.deviceId ??= randomHex(DEVICE_ID_BYTES);
    if (!this.write(this.#state.shared) && !this.isObsolete) {
      // There is no storage, or it is full or forbidden: this client is a separate device.
      this.#storage = undefined;
      this.isShared = false;
    }
  }

  get deviceId() {
    return this.#state.deviceId ?? '';
  }

  /** Whether another tab runs a later version (rule 20 of docs/session-rules.md). */
  get isObsolete() {
    return this.#state.v > RECORD_VERSION;
  }

  /** @param {unknown} version the version of a message or of stored numbers, if it has one */
  #meet(version) {
    if (/** @type {any} */ (version) > this.#state.v) {
      this.#state.v = /** @type {number} */ (version);
    }
  }

  /**
   * Adopts the device id of a stored session if the device has a new random id.
   *
   * @param {unknown} deviceId
   */
  adoptId(deviceId) {
    if (this.#isNew && isDeviceId(deviceId)) {
      this.#state.deviceId = deviceId;
      this.write(this.#state.shared);
    }
    this.#isNew = false;
  }

  /**
   * Reads the shared numbers. If storage has lost them, writes the numbers that this client knows,
   * and returns those.
   */
  read() {
    try {
      const { deviceId, shared, v } = JSON.parse(this.#storage?.getItem(this.name) ?? '');
      this.#meet(v);
      if (areSharedNumbers(shared)) {
        this.#state.shared = shared;
        this.#readVersion = v;
      }
      if (isDeviceId(deviceId)) this.#state.deviceId ??= deviceId;
    } catch {
      this.write(this.#state.shared);
    }
    return this.#state.shared;
  }

  /**
   * Writes the shared numbers, unless another tab runs a later version. Returns whether that
   * succeeded.
   *
   * @param {number[]} shared
   */
  write(shared) {
    this.#state.shared = shared;
    // Before the constructor has chosen an id, there is nothing to write.
    if (!this.#state.deviceId || !this.#storage || this.isObsolete) return false;
    try {
      this.#storage.setItem(this.name, JSON.stringify(this.#state));
      return (this.#hasWritten = true);
    } catch {
      return false;
    }
  }

  /**
   * Waits for the lock for at most `ms` milliseconds, or until `signal` aborts. Then calls `then`
   * once and tells it whether the lock was granted. Releases the lock immediately if `then` has
   * written nothing.
   *
   * @param {number} ms
   * @param {AbortSignal} signal
   * @param {(isGranted: boolean) => void} then
   */
  lock(ms, signal, then) {
    const { locks } = globalThis.navigator ?? {};
    // Without `localStorage`, all clients of the device run in this thread, so no lock is needed.
    if (!this.#storage || this.#storage === processStorage) return then(true);
    if (!locks) return then(false);
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, ms);
    signal.addEventListener('abort', abort, { signal: controller.signal });
    const hold = () => {
      clearTimeout(timer);
      this.#hasWritten = false;
      then(true);
      return this.#hasWritten && new Promise((resolve) => setTimeout(resolve, LOCK_HOLD_MS));
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
   * Calls `onMessage` with each message of the other tabs.
   *
   * @param {(message: TabMessage & { shared: number[] }) => void} onMessage
   */
  listen(onMessage) {
    if (!this.isShared) return;
    let { name } = this;
    // A channel also reaches pages and other workers, which are other devices (rule 21).
    if (this.#storage === processStorage) name += processStorage.id ||= randomHex(DEVICE_ID_BYTES);
    try {
      this.#channel = new BroadcastChannel(name);
    } catch {
      // The engine has no channels: the other tabs notice a change when they next read the state.
      return;
    }
    this.#channel.onmessage = ({ data }) => {
      this.#meet(data?.v);
      // Another version of this package may send something else.
      if (areSharedNumbers(data?.shared)) onMessage(data);
    };
    // In Node, an open channel would keep the process alive.
    /** @type {{ unref?: () => void }} */ (this.#channel).unref?.();
  }

  /**
   * Sends a message to the other tabs.
   *
   * @param {TabMessage} message
   */
  send(message) {
    try {
      // An obsolete tab passes the numbers on as it has read them.
      const v = this.isObsolete ? this.#readVersion : RECORD_VERSION;
      this.#channel?.postMessage({ ...message, shared: this.#state.shared, v });
    } catch {
      // Some runtimes close all channels of a name when one of them closes. The other tabs notice a
      // change when they next read the state.
    }
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}

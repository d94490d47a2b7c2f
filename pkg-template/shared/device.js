// What the tabs of one device have in common: six numbers and the device id, a lock, and a channel.
// None of it is secret. In a browser it lives in `localStorage`; elsewhere clients of one process
// share it if they name a namespace; where there is neither, one client is one device.
import { host } from './host.js';

/**
 * How long the lock is kept, in milliseconds, so that the next tab sees what was written under it:
 * `localStorage` reaches other processes a little later.
 */
const SEEN_MS = 25;

const NOTHING = [0, 0, 0, 0, 0, 0];
const processes = new Map();

/** The global one, if this is a page, and it may have one. */
export const localStorage = () => {
  try {
    return globalThis.document && globalThis.localStorage;
  } catch {
    return undefined;
  }
};

/** A number of 32 bits that is the same for the same text (FNV-1a). */
export const hash = (text) => {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1)
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
};

/** Random, as hex digits. */
export const random = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

const isShared = (numbers) =>
  Array.isArray(numbers) && numbers.length === NOTHING.length && numbers.every(Number.isFinite);
const isId = (id) =>
  typeof id === 'string' && id !== '' && id.length <= 150 && !/\p{Surrogate}/u.test(id);

/** The device of a name; `isNamed`: the app has named a namespace. */
export class Device {
  #store;
  #own;
  #channel;
  #isNew;

  constructor(name, isNamed, deviceId) {
    const page = localStorage();
    this.name = name;
    this.isShared = Boolean(page || isNamed) && !host.isPerRequest;
    if (!page && this.isShared && !processes.has(name)) processes.set(name, {});
    this.#store = page ?? (this.isShared ? processes.get(name) : undefined);
    this.isPage = Boolean(page);
    this.#own = { deviceId, shared: NOTHING };
    this.read();
    this.#isNew = !this.#own.deviceId;
    this.#own.deviceId ??= random(16);
    if (!this.write(this.#own.shared)) {
      // Full or forbidden: a device by itself.
      this.#store = undefined;
      this.isShared = false;
    }
  }

  get deviceId() {
    return this.#own.deviceId;
  }

  /** A session that was kept tells whose it is, where nothing else has, at the first look. */
  is(deviceId) {
    if (this.#isNew && isId(deviceId)) {
      this.#own.deviceId = deviceId;
      this.write(this.#own.shared);
    }
    this.#isNew = false;
  }

  /** What is shared now. Where it was lost, or cannot be read, what was known here counts. */
  read() {
    try {
      const { deviceId, shared } = JSON.parse(
        this.isPage ? this.#store.getItem(this.name) : this.#store.text,
      );
      if (isShared(shared)) this.#own.shared = shared;
      if (isId(deviceId)) this.#own.deviceId ??= deviceId;
    } catch {
      this.write(this.#own.shared);
    }
    return this.#own.shared;
  }

  write(shared) {
    this.#own.shared = shared;
    // Until it has an id it is not one.
    if (!this.#own.deviceId) return false;
    try {
      const text = JSON.stringify(this.#own);
      if (this.isPage) this.#store.setItem(this.name, text);
      else this.#store.text = text;
      return true;
    } catch {
      // What is known here counts.
      return false;
    }
  }

  /**
   * Calls `then` with whether the lock was granted, once, and within `ms`. Nobody waits for it any
   * longer after `signal`.
   */
  lock(ms, signal, then) {
    const { locks } = globalThis.navigator ?? {};
    // In one process nobody comes in between.
    if (!this.isPage) return then(true);
    if (!locks) return then(false);
    const controller = new AbortController();
    const end = () => controller.abort();
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    const held = () => {
      clearTimeout(timer);
      then(true);
      return new Promise((resolve) => setTimeout(resolve, SEEN_MS));
    };
    return locks
      .request(this.name, { signal: controller.signal }, held)
      .catch(() => then(false))
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
      });
  }

  /** Hears what the other tabs say, from now on. */
  listen(heard) {
    if (!this.isShared) return;
    try {
      this.#channel = new BroadcastChannel(this.name);
    } catch {
      // There is none, or the browser forbids it: the others see what has changed when they look.
      return;
    }
    this.#channel.onmessage = ({ data }) => {
      // Another version of this package speaks another language.
      if (!isShared(data?.shared)) return;
      const [epoch, floor, number] = this.read();
      const [itsEpoch, itsFloor, itsNumber] = data.shared;
      // It may have been said before the storage of this process has it.
      if (itsEpoch > epoch || itsFloor > floor || (itsEpoch === epoch && itsNumber > number))
        this.write(data.shared);
      heard(data);
    };
    // Listening alone keeps no process alive.
    this.#channel.unref?.();
  }

  tell(message) {
    try {
      this.#channel?.postMessage({ ...message, shared: this.#own.shared });
    } catch {
      // Some runtimes take a channel for closed when another one was. The others see it when they
      // look.
    }
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}

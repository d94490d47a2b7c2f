// Stores a session with one write under one key, so that the stored session is complete or absent.
// If storage fails, the session stays in memory.
import { getLocalStorage } from './device.js';
import { RECORD_VERSION } from './session-wire.js';
import { Session } from './session.js';

/** @import { SessionStorage } from 'social-plus-auth' */

/**
 * A session with its numbers in the machine, which identifies the session by `id`.
 *
 * @typedef {{
 *   session: Session, epoch: number, sequence: number, clockOffset: number, id?: number
 * }} Entry
 */

/**
 * An entry in the form in which the client stores it and sends it to other tabs.
 *
 * @typedef {{ v: number, epoch: number, number: number, offset: number, session: object }} Packed
 */

/**
 * Returns a session from its JSON, or undefined if the JSON is not a valid session.
 *
 * @param {unknown} json
 */
export const revive = (json) => {
  try {
    // Copy the value, because the browser cannot store or send some values, such as a Proxy.
    const copy = JSON.parse(JSON.stringify(json));
    const { accessToken, userId, deviceId, user, users, ...rest } = copy;
    const strings = [accessToken, userId, deviceId];
    const dates = [rest.issuedAt, rest.expiresAt].map(Date.parse);
    const isValid =
      strings.every((value) => typeof value === 'string') &&
      /^[!-~]+$/.test(accessToken) &&
      !dates.some(Number.isNaN);
    if (!isValid) return undefined;
    // As in a response of the service, `user` must be an element of `users`.
    const ownUser =
      users.find((/** @type {{ userId: string }} */ other) => other.userId === userId) ?? user;
    const allUsers = users.includes(ownUser) ? users : [ownUser, ...users];
    return new Session(
      { ...rest, accessToken, user: ownUser, users: allUsers },
      { userId, deviceId },
    );
  } catch {
    return undefined;
  }
};

/**
 * Packs an entry. The refresh token is neither stored nor sent.
 *
 * @param {Entry} entry
 * @returns {Packed}
 */
export const pack = ({ session, epoch, sequence, clockOffset }) => ({
  v: RECORD_VERSION,
  epoch,
  number: sequence,
  offset: clockOffset,
  session: { ...session.toJSON(), refreshToken: undefined },
});

/**
 * Unpacks an entry. Returns undefined if the value is not a packed entry.
 *
 * @param {unknown} packed
 * @returns {Entry | undefined}
 */
export const unpack = (packed) => {
  const { v, epoch, number, offset, session } = /** @type {Packed} */ (packed ?? {});
  // A later version may have another format.
  if (v > RECORD_VERSION || ![v, epoch, number, offset].every(Number.isFinite)) return undefined;
  const revived = revive(session);
  return revived && { session: revived, epoch, sequence: number, clockOffset: offset };
};

/**
 * Settles as `promise` does, or rejects after `ms` milliseconds.
 *
 * @template T
 * @param {number} ms
 * @param {Promise<T> | T} promise
 * @returns {Promise<T>}
 */
const withTimeout = (ms, promise) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const timeout = new Promise((resolve, reject) => (timer = setTimeout(reject, ms)));
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
};

/**
 * Returns the storage that an option selects. Returns undefined for `memory`, and if the selected
 * storage is unavailable, or if loading its code or opening it takes longer than `ms` milliseconds.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms
 * @param {(detail: string) => void} report
 * @returns {Promise<SessionStorage | undefined>}
 */
const selectStorage = async (storage, name, ms, report) => {
  if (typeof storage !== 'string') return storage;
  const pageStorage = getLocalStorage();
  try {
    if (storage === 'local' && pageStorage) return pageStorage;
    if (storage === 'encrypted' && pageStorage) {
      const { encryptStorage } = await withTimeout(ms, import('./encrypted.js'));
      return await withTimeout(ms, encryptStorage(name, pageStorage));
    }
  } catch {
    // For example, the browser lacks `crypto.subtle`, IndexedDB or `import()`, or took too long.
  }
  if (storage !== 'memory') {
    report(`\`${storage}\` storage is unavailable; falling back to \`memory\``);
  }
  return undefined;
};

/**
 * Creates a store for one session. Calls `report` if it falls back to memory, and after each access
 * that fails.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms the timeout of one access, in milliseconds
 * @param {(detail: string) => void} report
 */
export const createStore = async (storage, name, ms, report) => {
  const key = `${name}:session`;
  const selected = await selectStorage(storage, name, ms, report);
  /** @type {Promise<unknown> | undefined} */
  let lastAccess;
  /**
   * Accesses the storage after the previous access has ended, so that the last write wins.
   *
   * @template T
   * @param {(storage: SessionStorage) => Promise<T> | T} use
   * @returns {Promise<T | undefined>}
   */
  const access = (use) => {
    const previous = lastAccess;
    const result = (async () => {
      await previous;
      try {
        return selected && (await withTimeout(ms, use(selected)));
      } catch {
        report('failed');
        return undefined;
      }
    })();
    lastAccess = result;
    return result;
  };
  return {
    /** Whether a storage keeps the session, not only the memory of this client. */
    isPersistent: Boolean(selected),
    async load() {
      try {
        const text = await access((storage) => storage.getItem(key));
        return unpack(JSON.parse(text ?? ''));
      } catch {
        return undefined;
      }
    },
    /** @param {Entry} entry */
    save(entry) {
      const text = JSON.stringify(pack(entry));
      return access((storage) => storage.setItem(key, text));
    },
    clear: () => access((storage) => storage.removeItem(key)),
  };
};

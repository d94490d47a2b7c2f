// Stores a session under one key with one write, so that it is complete or absent. If storage
// fails, the session stays in memory.
import { localStorage } from './device.js';
import { RECORD_VERSION } from './session-wire.js';
import { Session } from './session.js';

/** @import { SessionStorage } from 'social-plus-auth' */

/**
 * A session and its numbers in the machine. `id` identifies it there.
 *
 * @typedef {{
 *   session: Session, epoch: number, sequence: number, clockOffset: number, id?: number
 * }} Entry
 */

/**
 * An entry as it is stored and sent to other tabs.
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
    // Copy the value, because a proxy, for example, cannot be stored or sent.
    const copy = JSON.parse(JSON.stringify(json));
    const { accessToken, userId, deviceId, user, users, ...rest } = copy;
    const strings = [accessToken, userId, deviceId];
    const dates = [rest.issuedAt, rest.expiresAt].map(Date.parse);
    const isValid =
      strings.every((value) => typeof value === 'string') &&
      /^[!-~]+$/.test(accessToken) &&
      !dates.some(Number.isNaN);
    if (!isValid) return undefined;
    // `user` must be the same object as in `users`, as in the service's response.
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
  if (v !== RECORD_VERSION || ![epoch, number, offset].every(Number.isFinite)) return undefined;
  const revived = revive(session);
  return revived && { session: revived, epoch, sequence: number, clockOffset: offset };
};

/**
 * Resolves like `promise` if that settles within `ms`, and rejects otherwise.
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
 * Returns the storage that an option selects, or undefined for `memory` and unavailable storage.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms
 * @param {(detail: string) => void} report
 * @returns {Promise<SessionStorage | undefined>}
 */
const selectStorage = async (storage, name, ms, report) => {
  if (typeof storage !== 'string') return storage;
  const pageStorage = localStorage();
  try {
    if (storage === 'local' && pageStorage) return pageStorage;
    if (storage === 'encrypted' && pageStorage) {
      const { encrypted } = await withTimeout(ms, import('./encrypted.js'));
      return await withTimeout(ms, encrypted(name, pageStorage));
    }
  } catch {
    // `crypto.subtle`, IndexedDB or `import()` is unavailable.
  }
  if (storage !== 'memory') {
    report(`\`${storage}\` storage is unavailable; falling back to \`memory\``);
  }
  return undefined;
};

/**
 * Creates a keeper, which stores one session. Calls `report` with each failure.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms the timeout of one access, in milliseconds
 * @param {(detail: string) => void} report
 */
export const makeKeeper = async (storage, name, ms, report) => {
  const key = `${name}:session`;
  const selected = await selectStorage(storage, name, ms, report);
  /** @type {Promise<unknown> | undefined} */
  let lastAccess;
  /**
   * Runs one access at a time, so that the last write wins.
   *
   * @template T
   * @param {(storage: SessionStorage) => Promise<T> | T} work
   * @returns {Promise<T | undefined>}
   */
  const access = (work) => {
    const previous = lastAccess;
    const result = (async () => {
      await previous;
      try {
        return selected && (await withTimeout(ms, work(selected)));
      } catch {
        report('failed');
        return undefined;
      }
    })();
    lastAccess = result;
    return result;
  };
  return {
    /** Whether sessions outlive the tab. */
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

// Where a session is kept: one key, one write, whole or absent. A storage that fails costs
// persistence, never the session.
import { localStorage } from './device.js';
import { RECORD_VERSION } from './session-wire.js';
import { Session } from './session.js';

/** @import { SessionStorage } from 'social-plus-auth' */

/**
 * A session with the numbers that the machine gave it. `id` is the number that the machine knows it
 * by.
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
 * Returns a session from its JSON; undefined if it cannot be one.
 *
 * @param {unknown} json
 */
export const revive = (json) => {
  try {
    // A copy: a proxy, for example, could be neither stored nor sent.
    const copy = JSON.parse(JSON.stringify(json));
    const { accessToken, userId, deviceId, user, users, ...rest } = copy;
    const texts = [accessToken, userId, deviceId];
    const dates = [rest.issuedAt, rest.expiresAt].map(Date.parse);
    const isValid =
      texts.every((text) => typeof text === 'string') &&
      /^[!-~]+$/.test(accessToken) &&
      !dates.some(Number.isNaN);
    if (!isValid) return undefined;
    // One and the same object in both places, as in the service's response.
    const own =
      users.find((/** @type {{ userId: string }} */ one) => one.userId === userId) ?? user;
    const all = users.includes(own) ? users : [own, ...users];
    return new Session({ ...rest, accessToken, user: own, users: all }, { userId, deviceId });
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
 * Returns the entry that was packed; undefined if it is not one.
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
const within = (ms, promise) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((resolve, reject) => (timer = setTimeout(reject, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/**
 * Returns the storage that an option names; undefined for `memory`, and where the storage is
 * unavailable.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms
 * @param {(detail: string) => void} report
 * @returns {Promise<SessionStorage | undefined>}
 */
const choose = async (storage, name, ms, report) => {
  if (typeof storage !== 'string') return storage;
  const page = localStorage();
  try {
    if (storage === 'local' && page) return page;
    if (storage === 'encrypted' && page) {
      const { encrypted } = await within(ms, import('./encrypted.js'));
      return await within(ms, encrypted(name, page));
    }
  } catch {
    // There is no crypto.subtle, IndexedDB or import() here.
  }
  if (storage !== 'memory') {
    report(`\`${storage}\` storage is unavailable; falling back to \`memory\``);
  }
  return undefined;
};

/**
 * Makes the keeper of a session. `report` is told what goes wrong.
 *
 * @param {SessionStorage | 'memory' | 'local' | 'encrypted'} storage
 * @param {string} name
 * @param {number} ms the longest that one access may take, in milliseconds
 * @param {(detail: string) => void} report
 */
export const makeKeeper = async (storage, name, ms, report) => {
  const key = `${name}:session`;
  const place = await choose(storage, name, ms, report);
  /** @type {Promise<unknown> | undefined} */
  let last;
  /**
   * Accesses run one after the other, so that the last write stays.
   *
   * @template T
   * @param {(place: SessionStorage) => Promise<T> | T} work
   * @returns {Promise<T | undefined>}
   */
  const access = (work) => {
    const before = last;
    const result = (async () => {
      await before;
      try {
        return place && (await within(ms, work(place)));
      } catch {
        report('failed');
        return undefined;
      }
    })();
    last = result;
    return result;
  };
  return {
    /** Whether sessions outlive the tab. */
    isPersistent: Boolean(place),
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

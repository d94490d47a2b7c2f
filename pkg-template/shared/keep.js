// Where a session is kept: one key, one write, whole or absent. Whatever a storage does costs persistence, never the session.
import { localStorage } from './device.js';
import { Session } from './session.js';

/** A session of what was its JSON; undefined if it cannot be one. */
export const revive = (json) => {
  try {
    const { accessToken, userId, deviceId, user, users, ...rest } = json;
    const dates = [rest.issuedAt, rest.expiresAt].map(Date.parse);
    if (!/^[!-~]+$/.test(accessToken) || dates.some(Number.isNaN) || typeof userId !== 'string' || typeof deviceId !== 'string') return undefined;
    // One and the same in both places, as the service's answer has it.
    const own = users.find((one) => one.userId === userId) ?? user;
    return new Session({ ...rest, accessToken, user: own, users: users.includes(own) ? users : [own, ...users] }, { userId, deviceId });
  } catch {
    return undefined;
  }
};

/** An entry as it is stored and sent to other tabs. The refresh token stays here. */
export const pack = ({ session, epoch, number, offset }) => ({ v: 1, epoch, number, offset, session: { ...session.toJSON(), refreshToken: undefined } });

/** The entry of what was stored; undefined if it is none. */
export const unpack = (packed) => {
  const { v, epoch, number, offset, session } = packed ?? {};
  const revived = v === 1 && [epoch, number, offset].every(Number.isFinite) && revive(session);
  return revived ? { session: revived, epoch, number, offset } : undefined;
};

/** What came of a promise within `ms`; undefined otherwise. */
const within = (ms, promise) => {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** The keeper of one key. `trouble` is told what went wrong. */
export class Keeper {
  #open;
  #name;
  #ms;
  #trouble;
  #last = Promise.resolve();

  constructor(storage, name, ms, trouble) {
    this.#name = `${name}:session`;
    this.#ms = ms;
    this.#trouble = trouble;
    let opened;
    this.#open = () => (opened ??= this.#choose(storage, name));
  }

  async #choose(storage, name) {
    if (typeof storage === 'object') return storage;
    try {
      if (storage === 'local') return localStorage() ?? this.#trouble('there is no localStorage: memory');
      if (storage === 'encrypted') return await (await import('./encrypted.js')).encrypted(name, localStorage());
    } catch {
      this.#trouble('encrypted storage is not to be had: memory');
    }
    return undefined;
  }

  /** One after the other, so that what was written last is what stays. */
  #use(work) {
    const run = async () => {
      try {
        return await within(this.#ms, this.#open().then((storage) => storage && work(storage)));
      } catch {
        this.#trouble('storage failed');
        return undefined;
      }
    };
    return (this.#last = this.#last.then(run));
  }

  find() {
    return this.#use(async (storage) => {
      const text = await storage.getItem(this.#name);
      try {
        return unpack(JSON.parse(text));
      } catch {
        return undefined;
      }
    });
  }

  save(entry) {
    const text = JSON.stringify(pack(entry));
    return this.#use((storage) => storage.setItem(this.#name, text));
  }

  clear() {
    return this.#use((storage) => storage.removeItem(this.#name));
  }
}

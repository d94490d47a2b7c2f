// Where a session is kept: one key, one write, whole or absent. Whatever a storage does costs
// persistence, never the session.
import { localStorage } from './device.js';
import { Session } from './session.js';

/** A session of what was its JSON; undefined if it cannot be one. */
export const revive = (json) => {
  try {
    // A copy: a proxy, say, could be neither stored nor sent.
    const { accessToken, userId, deviceId, user, users, ...rest } = JSON.parse(
      JSON.stringify(json),
    );
    const dates = [rest.issuedAt, rest.expiresAt].map(Date.parse);
    if (
      ![accessToken, userId, deviceId].every((text) => typeof text === 'string') ||
      !/^[!-~]+$/.test(accessToken) ||
      dates.some(Number.isNaN)
    )
      return undefined;
    // One and the same in both places, as the service's answer has it.
    const own = users.find((one) => one.userId === userId) ?? user;
    return new Session(
      { ...rest, accessToken, user: own, users: users.includes(own) ? users : [own, ...users] },
      { userId, deviceId },
    );
  } catch {
    return undefined;
  }
};

/** An entry as it is stored and sent to other tabs. The refresh token stays here. */
export const pack = ({ session, epoch, number, offset }) => ({
  v: 1,
  epoch,
  number,
  offset,
  session: { ...session.toJSON(), refreshToken: undefined },
});

/** The entry of what was stored; undefined if it is none. */
export const unpack = (packed) => {
  const { v, epoch, number, offset, session } = packed ?? {};
  const revived = v === 1 && [epoch, number, offset].every(Number.isFinite) && revive(session);
  return revived ? { session: revived, epoch, number, offset } : undefined;
};

/** What came of a promise, if it did within `ms`. */
const within = (ms, promise) => {
  let timer;
  const late = new Promise((resolve, reject) => (timer = setTimeout(reject, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** The place that an option names; none for `memory`, or where what it names is not to be had. */
const choose = async (storage, name, ms, trouble) => {
  if (typeof storage !== 'string') return storage;
  const page = localStorage();
  try {
    if (storage === 'local' && page) return page;
    if (storage === 'encrypted' && page)
      return await within(
        ms,
        import('./encrypted.js').then(({ encrypted }) => encrypted(name, page)),
      );
  } catch {
    // No crypto.subtle, no IndexedDB, or no import().
  }
  if (storage !== 'memory') trouble(`${storage} is not to be had here: memory`);
  return undefined;
};

/** The keeper of a session. `trouble` is told what goes wrong. */
export const keeper = async (storage, name, ms, trouble) => {
  const key = `${name}:session`;
  const place = await choose(storage, name, ms, trouble);
  let last;
  // One after the other, so that what was written last is what stays.
  const use = (work) => {
    const before = last;
    return (last = (async () => {
      await before;
      try {
        return place && (await within(ms, work()));
      } catch {
        trouble('failed');
        return undefined;
      }
    })());
  };
  return {
    isThere: Boolean(place),
    async find() {
      try {
        return unpack(JSON.parse(await use(() => place.getItem(key))));
      } catch {
        return undefined;
      }
    },
    save(entry) {
      const text = JSON.stringify(pack(entry));
      return use(() => place.setItem(key, text));
    },
    clear: () => use(() => place.removeItem(key)),
  };
};

// Gives each session and each user of a client the number by which the machine knows it. Equal
// tokens have equal numbers, and so do equal user ids.
import { SESSION_KIND_BOT, SESSION_KIND_USER, SESSION_KIND_VISITOR } from './wire.js';

/** @import { UserType } from 'social-plus-auth' */
/** @import { Entry } from './keep.js' */
/** @import { RecordNumbers } from './session-wire.js' */
/** @import { Session } from './session.js' */

/**
 * The `userType` that the service assigns to each kind of session.
 *
 * @type {Record<number, UserType>}
 */
export const USER_TYPES = {
  [SESSION_KIND_USER]: 'signed-in',
  [SESSION_KIND_VISITOR]: 'visitor',
  [SESSION_KIND_BOT]: 'bot',
};

/**
 * Returns the kind of a session, a `SESSION_KIND_…`.
 *
 * @param {{ userType?: string }} session
 */
export const getKind = ({ userType }) => {
  const others = [SESSION_KIND_VISITOR, SESSION_KIND_BOT];
  return others.find((kind) => USER_TYPES[kind] === userType) ?? SESSION_KIND_USER;
};

/** @extends {Map<number, Entry>} */
export class Registry extends Map {
  #lastId = 0;
  /** @type {string[]} */
  #users = [];

  /**
   * Adds a session, unless one with the same token is known. Returns its numbers for the machine.
   *
   * @param {Entry} entry
   * @returns {RecordNumbers}
   */
  add(entry) {
    const { epoch, sequence, clockOffset, session } = entry;
    const known =
      [...this.values()].find((other) => other.session.accessToken === session.accessToken) ??
      entry;
    known.id ??= this.#lastId += 1;
    this.set(known.id, known);
    return [
      known.id,
      epoch,
      sequence,
      +session.issuedAt,
      +session.expiresAt,
      getKind(session),
      this.userNumber(session.userId),
      clockOffset,
    ];
  }

  /**
   * Adds a session that has not been committed yet.
   *
   * @param {Session} session
   */
  addNew(session) {
    return this.add({ session, epoch: 0, sequence: 0, clockOffset: 0 });
  }

  /**
   * Returns the number of a user, from 1.
   *
   * @param {string} userId
   */
  userNumber(userId) {
    const known = this.#users.indexOf(userId);
    return known < 0 ? this.#users.push(userId) : known + 1;
  }
}

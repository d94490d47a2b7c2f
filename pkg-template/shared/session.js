// Implements `Session` of types/browser.d.ts.
import { getHidden, hide } from './hidden.js';

/**
 * Adds the fields of `User` that the service left out.
 *
 * @param {any} user
 * @returns {import('social-plus-auth').User}
 */
const toUser = (user) => ({
  ...user,
  roles: user?.roles ?? [],
  permissions: user?.permissions ?? [],
  metadata: user?.metadata ?? {},
  isGlobalBan: user?.isGlobalBan === true,
  isDeleted: user?.isDeleted === true,
});

export class Session {
  /**
   * @param {any} fields
   * @param {{ userId?: any, deviceId?: any }} call
   */
  constructor(
    { accessToken, refreshToken, issuedAt, expiresAt, user, users, files, userType },
    { userId, deviceId },
  ) {
    hide(this, { accessToken, refreshToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
    // The request of a visitor or bot has no user id, but the response has one.
    /** @type {string} */
    this.userId = userId ?? user.userId;
    /** @type {string} */
    this.deviceId = deviceId;
    /** @type {import('social-plus-auth').User[]} */
    this.users = users.map(toUser);
    this.user = this.users[users.indexOf(user)];
    /** @type {unknown[]} */
    this.files = files ?? [];
    /** @type {import('social-plus-auth').UserType | undefined} */
    this.userType = userType;
  }

  /** @returns {string} */
  get accessToken() {
    return getHidden(this).accessToken;
  }

  /** @returns {string | undefined} */
  get refreshToken() {
    return getHidden(this).refreshToken;
  }

  toJSON() {
    return {
      ...this,
      ...getHidden(this),
      issuedAt: this.issuedAt.toISOString(),
      expiresAt: this.expiresAt.toISOString(),
    };
  }
}

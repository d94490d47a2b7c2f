// A `Session` of types/browser.d.ts.
import { hide, hidden } from './hidden.js';

/** A `User`: what the types promise is there, whatever the service left out. */
const complete = (user) => ({
  ...user,
  roles: user?.roles ?? [],
  permissions: user?.permissions ?? [],
  metadata: user?.metadata ?? {},
  isGlobalBan: user?.isGlobalBan === true,
  isDeleted: user?.isDeleted === true,
});

export class Session {
  constructor(
    { accessToken, refreshToken, issuedAt, expiresAt, user, users, files, userType },
    { userId, deviceId },
  ) {
    hide(this, { accessToken, refreshToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
    // Visitors and bots are told who they are.
    this.userId = userId ?? user.userId;
    this.deviceId = deviceId;
    this.users = users.map(complete);
    this.user = this.users[users.indexOf(user)];
    this.files = files ?? [];
    this.userType = userType;
  }

  get accessToken() {
    return hidden(this).accessToken;
  }

  get refreshToken() {
    return hidden(this).refreshToken;
  }

  toJSON() {
    return {
      ...this,
      ...hidden(this),
      issuedAt: this.issuedAt.toISOString(),
      expiresAt: this.expiresAt.toISOString(),
    };
  }
}

// A `Session` of types/browser.d.ts. Its tokens are kept beside it, not in it, so that a log, an inspector or a debugger shows none; `toJSON` gives them on purpose.
const tokens = new WeakMap();

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
  constructor({ accessToken, refreshToken, issuedAt, expiresAt, user, users, files, userType }, { userId, deviceId }) {
    tokens.set(this, { accessToken, refreshToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
    this.userId = userId;
    this.deviceId = deviceId;
    this.users = users.map(complete);
    this.user = this.users[users.indexOf(user)];
    this.files = files ?? [];
    this.userType = userType;
  }

  get accessToken() {
    return tokens.get(this).accessToken;
  }

  get refreshToken() {
    return tokens.get(this).refreshToken;
  }

  toJSON() {
    return { ...this, ...tokens.get(this), issuedAt: this.issuedAt.toISOString(), expiresAt: this.expiresAt.toISOString() };
  }
}

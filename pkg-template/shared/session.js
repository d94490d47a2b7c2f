// A `Session` of types/browser.d.ts. Its tokens are kept beside it, not in it, so that a log, an inspector or a debugger shows none; `toJSON` gives them on purpose.
const tokens = new WeakMap();

export class Session {
  constructor({ accessToken, refreshToken, issuedAt, expiresAt, userId, deviceId, user, users, files, userType }) {
    tokens.set(this, { accessToken, refreshToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
    this.userId = userId;
    this.deviceId = deviceId;
    this.user = { roles: [], permissions: [], metadata: {}, isGlobalBan: false, isDeleted: false, ...user };
    this.users = users;
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
    return { ...this, ...tokens.get(this) };
  }
}

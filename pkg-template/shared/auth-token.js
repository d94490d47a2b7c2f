// An `AuthToken` of types/edge.d.ts. As with a session, a log shows no token, and `toJSON` gives it on purpose.
const tokens = new WeakMap();

export class AuthToken {
  constructor({ token, expiresAt }, { userId }) {
    tokens.set(this, token);
    this.userId = userId;
    this.expiresAt = new Date(expiresAt);
  }

  get token() {
    return tokens.get(this);
  }

  toJSON() {
    return { token: this.token, userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

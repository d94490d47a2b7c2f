// An `AuthToken` of types/edge.d.ts. As with a session, a log shows no token, and `toJSON` gives it on purpose.
const tokens = new WeakMap();

export class AuthToken {
  constructor({ token, lifetimeMs }, { userId, at }) {
    tokens.set(this, token);
    this.userId = userId;
    // Counted from the asking: the service begins to count later, if anything.
    this.expiresAt = new Date(at + lifetimeMs);
  }

  get token() {
    return tokens.get(this);
  }

  toJSON() {
    return { token: this.token, userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

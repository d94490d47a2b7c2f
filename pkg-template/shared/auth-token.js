// An `AuthToken` of types/edge.d.ts.
import { hide, hidden } from './hidden.js';

export class AuthToken {
  constructor({ token, lifetimeMs }, { userId, at }) {
    hide(this, { token });
    this.userId = userId;
    // Counted from the asking: the service begins to count later, if anything.
    this.expiresAt = new Date(at + lifetimeMs);
  }

  get token() {
    return hidden(this).token;
  }

  toJSON() {
    return { ...hidden(this), userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

// An `AuthToken` of types/edge.d.ts.
import { hide, hidden } from './hidden.js';

export class AuthToken {
  /**
   * @param {{ token: string, lifetimeMs: number }} fields
   * @param {{ userId?: any, at: number }} call
   */
  constructor({ token, lifetimeMs }, { userId, at }) {
    hide(this, { token });
    this.userId = userId;
    // Counted from the start of the call, because the service starts its count later.
    this.expiresAt = new Date(at + lifetimeMs);
  }

  get token() {
    return hidden(this).token;
  }

  toJSON() {
    return { ...hidden(this), userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

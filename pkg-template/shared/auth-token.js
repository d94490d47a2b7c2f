// Implements `AuthToken` of types/edge.d.ts.
import { hide, hidden } from './hidden.js';

export class AuthToken {
  /**
   * @param {{ token: string, lifetimeMs: number }} fields
   * @param {{ userId?: any, at: number }} call
   */
  constructor({ token, lifetimeMs }, { userId, at }) {
    hide(this, { token });
    this.userId = userId;
    // The lifetime counts from the start of the call. The service starts it later, so this date is
    // never too late.
    this.expiresAt = new Date(at + lifetimeMs);
  }

  get token() {
    return hidden(this).token;
  }

  toJSON() {
    return { ...hidden(this), userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

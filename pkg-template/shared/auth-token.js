// Implements `AuthToken` of types/edge.d.ts.
import { getHidden, hide } from './hidden.js';

export class AuthToken {
  /**
   * @param {{ token: string, lifetimeMs: number }} fields
   * @param {{ userId?: any, at: number }} call
   */
  constructor({ token, lifetimeMs }, { userId, at }) {
    hide(this, { token });
    this.userId = userId;
    // The service issues the token after the call has started, so the token expires no earlier than
    // this date.
    this.expiresAt = new Date(at + lifetimeMs);
  }

  get token() {
    return getHidden(this).token;
  }

  toJSON() {
    return { ...getHidden(this), userId: this.userId, expiresAt: this.expiresAt.toISOString() };
  }
}

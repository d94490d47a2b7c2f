// The one error class, in one file for all entries, and known by brand: `instanceof` fails across
// two copies of the package, `is` does not.
const brand = Symbol.for('social-plus-auth.SocialPlusError');

export class SocialPlusError extends Error {
  constructor({
    message,
    kind,
    operation,
    code,
    status,
    retryable = false,
    retryAfterMs,
    attempts = 0,
  }) {
    super(message);
    Object.assign(this, { kind, operation, code, status, retryable, retryAfterMs, attempts });
  }

  static is(value) {
    return value?.[brand] === true;
  }

  toJSON() {
    const { name, message, kind, operation, code, status, retryable } = this;
    return { name, message, kind, operation, code, status, retryable };
  }
}
Object.defineProperty(SocialPlusError.prototype, 'name', { value: 'SocialPlusError' });
Object.defineProperty(SocialPlusError.prototype, brand, { value: true });

/** Throws an error that has nothing but these. */
export const fail = (kind, operation, message) => {
  throw new SocialPlusError({ kind, operation, message });
};

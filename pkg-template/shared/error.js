// The one error class. All entries share this file, and `is` recognises the class by a brand,
// because `instanceof` fails across two copies of the package.

/**
 * @typedef {import('social-plus-auth').ErrorKind} ErrorKind
 * @typedef {{
 *   kind: ErrorKind,
 *   operation: string,
 *   message: string,
 *   field?: string,
 *   code?: number,
 *   status?: number,
 *   retryable?: boolean,
 *   retryAfterMs?: number,
 *   attempts?: number,
 * }} ErrorFields
 */

const brand = Symbol.for('social-plus-auth.SocialPlusError');

export class SocialPlusError extends Error {
  /** @param {ErrorFields} fields */
  constructor({
    message,
    kind,
    operation,
    field,
    code,
    status,
    retryable = false,
    retryAfterMs,
    attempts = 0,
  }) {
    super(message);
    this.kind = kind;
    this.operation = operation;
    this.field = field;
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.attempts = attempts;
  }

  /**
   * @param {any} value
   * @returns {value is SocialPlusError}
   */
  static is(value) {
    return value?.[brand] === true;
  }

  toJSON() {
    const { name, message, kind, operation, field, code, status, retryable } = this;
    return { name, message, kind, operation, field, code, status, retryable };
  }
}
Object.defineProperties(SocialPlusError.prototype, {
  name: { value: 'SocialPlusError' },
  [brand]: { value: true },
});

/**
 * Throws an error. With a `field`, its message is "`field` message".
 *
 * @param {ErrorKind} kind
 * @param {string} operation
 * @param {string} message
 * @param {string} [field]
 * @returns {never}
 */
export const fail = (kind, operation, message, field) => {
  throw new SocialPlusError({
    kind,
    operation,
    message: field ? `\`${field}\` ${message}` : message,
    field,
  });
};

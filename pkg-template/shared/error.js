// The error class, which all entries share. `is` recognises an error by a symbol, because
// `instanceof` fails for an error of another copy of the package.

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
 * Throws an error. If `field` is given, the message begins with its name.
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

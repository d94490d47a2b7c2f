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
    retryable = kind === 'network',
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
    try {
      return value?.[brand] === true;
    } catch {
      // A revoked proxy, for example.
      return false;
    }
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

/**
 * Returns the result of `read`, which reads the caller's arguments. If a getter or a proxy throws,
 * throws another error instead, because the thrown one may contain a secret.
 *
 * @template T
 * @param {ErrorKind} kind
 * @param {string} operation
 * @param {() => T} read
 * @returns {T}
 */
export const guard = (kind, operation, read) => {
  try {
    return read();
  } catch (error) {
    if (SocialPlusError.is(error)) throw error;
    return fail(kind, operation, 'An argument could not be read: its getter threw.');
  }
};

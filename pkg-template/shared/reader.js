// Reads single options and fields, and checks their types.
import { fail } from './error.js';

/**
 * Creates a function that takes a type, then a name, and reads `given[name]`. It returns
 * `undefined` if the value is absent or null. It throws if the field's getter throws, or if the
 * value has another type or is a string with a lone surrogate. Exceptions: `retry` may be `false`,
 * and if `endpoint` is a `URL`, the function reads its `href`. Errors name the field with the
 * prefix `path`, for example `retry.`.
 *
 * @param {import('social-plus-auth').ErrorKind} kind
 * @param {string} operation
 * @param {any} given
 * @param {string} [path]
 */
export const createReader =
  (kind, operation, given, path = '') =>
  /** @param {string} type */
  (type) =>
  /** @param {string} name @returns {any} */
  (name) => {
    /** @param {string} problem */
    const reject = (problem) => fail(kind, operation, problem, path + name);
    let value;
    let actual;
    try {
      value = given?.[name];
      if (name === 'endpoint') value = value?.href ?? value;
      actual = Array.isArray(value) ? 'array' : typeof value;
    } catch {
      reject('could not be read: its getter threw.');
    }
    if (value === undefined || value === null) return undefined;
    if (actual !== type && !(name === 'retry' && value === false))
      reject(`must be of type ${type} (got ${actual}).`);
    // Encoding to UTF-8 replaces every lone surrogate with U+FFFD, so two different user ids could
    // become equal.
    if (type === 'string' && /\p{Surrogate}/u.test(value))
      reject('must not contain a lone surrogate.');
    return value;
  };

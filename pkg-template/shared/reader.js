// Reads single options and fields, and checks their types.
import { fail } from './error.js';

/**
 * Returns a function that reads `given[name]`: `undefined` if it is absent, else a value of `type`.
 * Errors name the field with its `path`, `retry.` for instance.
 *
 * @param {import('social-plus-auth').ErrorKind} kind
 * @param {string} operation
 * @param {any} given
 * @param {string} [path]
 */
export const reader =
  (kind, operation, given, path = '') =>
  /** @param {string} type */
  (type) =>
  /** @param {string} name @returns {any} */
  (name) => {
    /** @param {string} problem */
    const refuse = (problem) => fail(kind, operation, problem, path + name);
    let value;
    try {
      value = given?.[name];
      if (name === 'endpoint') value = value?.href ?? value;
    } catch {
      refuse('could not be read: its getter threw.');
    }
    if (value === undefined || value === null) return undefined;
    const actual = Array.isArray(value) ? 'array' : typeof value;
    if (actual !== type && !(name === 'retry' && value === false))
      refuse(`must be of type ${type} (got ${actual}).`);
    // UTF-8 turns each half of a surrogate pair into the same character, which would make two user
    // ids equal.
    if (type === 'string' && /\p{Surrogate}/u.test(value))
      refuse('contains half a surrogate pair.');
    return value;
  };

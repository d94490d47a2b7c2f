// Copies the caller's arguments into plain fields, so that no getter of the caller runs inside
// wasm. The emulator in wasm validates the fields, and its error names the first invalid field.
import { fail } from './error.js';

/**
 * @import { EmulatorOptions, ErrorKind } from 'social-plus-auth/emulator'
 * @typedef {Record<string, unknown>} Fields
 */

/**
 * Returns a shallow copy of an object. Throws if the value is not an object. If a getter throws,
 * throws another error instead, because the getter's error may contain a secret.
 *
 * @param {unknown} object
 * @param {ErrorKind} kind
 * @param {string} operation
 * @returns {Fields}
 */
export const copyFields = (object, kind, operation) => {
  try {
    if (typeof object === 'object' && object !== null && !Array.isArray(object))
      return { ...object };
  } catch {
    // A getter threw. Reject the object below, like a value that is not an object.
  }
  return fail(kind, operation, `${operation} requires an object with readable fields.`);
};

/**
 * Replaces objects and functions with a symbol: objects may have getters, and no valid field
 * contains an object or a function. wasm rejects a symbol with an error that names the field.
 *
 * @param {Fields} fields
 * @returns {Fields}
 */
const flatten = (fields) => {
  /** @param {unknown} value */
  const toPrimitive = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function' ? Symbol() : value;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, toPrimitive(value)]),
  );
};

/**
 * Copies a list of objects or texts. Returns undefined if the list is absent. For a value that is
 * not a readable list, returns a symbol, which wasm rejects.
 *
 * @param {unknown} value
 */
const copyList = (value) => {
  if (value === undefined || value === null) return undefined;
  try {
    if (Array.isArray(value))
      return Array.from(value, (item) =>
        typeof item === 'object'
          ? flatten({ ...item })
          : typeof item === 'string'
            ? item
            : undefined,
      );
  } catch {
    // A getter threw. Reject the list below, like a value that is not a list.
  }
  return Symbol();
};

/**
 * Returns the options for wasm, and the `onRequest` listener.
 *
 * @param {unknown} options
 * @returns {[Fields, EmulatorOptions['onRequest']]}
 */
export const readOptions = (options) => {
  const fields = copyFields(options, 'config', 'createEmulator');
  const { admins, allowOrigins, onRequest, ...rest } = fields;
  if (onRequest !== undefined && typeof onRequest !== 'function')
    return fail('config', 'createEmulator', '`onRequest` must be a function.');
  const listener = /** @type {EmulatorOptions['onRequest']} */ (onRequest);
  const lists = { admins: copyList(admins), allowOrigins: copyList(allowOrigins) };
  return [{ ...flatten(rest), ...lists }, listener];
};

/**
 * Returns the fields of a fault. `headers` may have any form that `fetch` accepts. If `Headers`
 * throws, throws another error instead, because the error of `Headers` contains a value.
 *
 * @param {unknown} fault
 * @returns {Fields}
 */
export const readFault = (fault) => {
  const { headers, ...rest } = copyFields(fault, 'invalidRequest', 'faults.add');
  if (headers === undefined) return flatten(rest);
  try {
    const entries = Object.fromEntries(new Headers(/** @type {HeadersInit} */ (headers)));
    return { ...flatten(rest), headers: entries };
  } catch {
    return fail(
      'invalidRequest',
      'faults.add',
      '`headers` must be an object of valid header names and values.',
    );
  }
};

/**
 * Returns the fields of a request for a certificate, with `notAfter` in milliseconds. A value that
 * is not a date becomes NaN, which wasm rejects.
 *
 * @param {unknown} request
 * @returns {Fields}
 */
export const readCertificateRequest = (request) => {
  const { notAfter, ...rest } = copyFields(request, 'invalidRequest', 'createCertificate');
  if (notAfter === undefined) return flatten(rest);
  let expiresAt = NaN;
  try {
    expiresAt = Date.prototype.getTime.call(notAfter);
  } catch {
    // `expiresAt` stays NaN.
  }
  return { ...flatten(rest), notAfter: expiresAt };
};

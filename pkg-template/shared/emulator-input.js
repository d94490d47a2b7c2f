// Copies what callers pass to the emulator into plain fields, so that no getter of theirs runs
// inside wasm. The emulator validates the fields and names the wrong one.
import { fail } from './error.js';

/**
 * @import { EmulatorOptions, ErrorKind } from 'social-plus-auth/emulator'
 * @typedef {Record<string, unknown>} Fields
 */

/**
 * Returns a shallow copy of an object. An error that a getter throws may contain anything, so it
 * is replaced.
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
    // Rejected like any other unreadable argument.
  }
  return fail(kind, operation, `${operation} requires an object with readable fields.`);
};

/**
 * Replaces objects and functions by a symbol. No field has such a value, and objects may have
 * getters. wasm rejects a symbol by the name of its field.
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
 * Copies a list of objects. Returns a symbol, which wasm rejects, if it cannot be read.
 *
 * @param {unknown} value
 */
const copyList = (value) => {
  if (value === undefined || value === null) return undefined;
  try {
    if (Array.isArray(value))
      return Array.from(value, (one) =>
        typeof one === 'object' ? flatten({ ...one }) : undefined,
      );
  } catch {
    // Rejected like a value that is not a list.
  }
  return Symbol();
};

/**
 * Returns the options for wasm, and the listener.
 *
 * @param {unknown} options
 * @returns {[Fields, EmulatorOptions['onRequest']]}
 */
export const readOptions = (options) => {
  const { admins, onRequest, ...rest } = copyFields(options, 'config', 'createEmulator');
  if (onRequest !== undefined && typeof onRequest !== 'function')
    return fail('config', 'createEmulator', '`onRequest` must be a function.');
  const listener = /** @type {EmulatorOptions['onRequest']} */ (onRequest);
  return [{ ...flatten(rest), admins: copyList(admins) }, listener];
};

/**
 * Returns the fields of a fault. `headers` may have any form that `fetch` accepts. The error that
 * `Headers` throws would contain a value, so it is replaced.
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
    // Stays NaN.
  }
  return { ...flatten(rest), notAfter: expiresAt };
};

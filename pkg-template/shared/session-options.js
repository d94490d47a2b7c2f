// Checks the options of a SessionClient that its constructor can check. The first call checks the
// others.
import { fail } from './error.js';
import { readInput } from './input.js';
import { createReader } from './reader.js';
import { MAX_DEVICE_ID_LENGTH } from './wire.js';

/** @import { SessionClientOptions } from 'social-plus-auth' */
/** @import { ClientClock } from './session-timer.js' */

const OPERATION = 'SessionClient';

/** @type {ClientClock} */
export const realClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(/** @type {any} */ (handle)),
};

/**
 * Returns the options. Throws a `config` error if an option is missing or invalid.
 *
 * @param {SessionClientOptions} options
 */
export const checkOptions = (options) => {
  /** @type {(field: string, message: string) => never} */
  const reject = (field, message) => fail('config', OPERATION, message, field);
  /** @type {(field: string, object: any, names: string[], problem: string) => void} */
  const checkMethods = (field, object, names, problem) => {
    const hasAll = names.every((name) => typeof object?.[name] === 'function');
    if (!hasAll) reject(field, `${problem} have the methods ${names.join(', ')}.`);
  };
  const { storage = 'memory', clock = realClock } = options;
  checkMethods('clock', clock, Object.keys(realClock), 'must');
  readInput(OPERATION, options, {});
  const readText = createReader('config', OPERATION, options)('string');
  if (!readText('apiKey')) reject('apiKey', 'is missing or empty.');
  if (!readText('region') === !readText('endpoint')) {
    fail('config', OPERATION, 'Pass exactly one of `region` and `endpoint`.');
  }
  const length = readText('deviceId')?.length ?? 1;
  if (length < 1 || length > MAX_DEVICE_ID_LENGTH) {
    reject('deviceId', `must be 1 to ${MAX_DEVICE_ID_LENGTH} characters (got ${length}).`);
  }
  if (readText('namespace') === '') reject('namespace', 'must not be empty.');
  for (const name of /** @type {const} */ (['authTokenFrom', 'visitorSignatureFrom'])) {
    const source = options[name];
    const isFunctionOrUrl = typeof source === 'function' || /** @type {any} */ (source)?.href;
    if (!isFunctionOrUrl && readText(name) === '') reject(name, 'must not be empty.');
  }
  if (!['memory', 'local', 'encrypted'].includes(/** @type {string} */ (storage)))
    checkMethods(
      'storage',
      storage,
      ['getItem', 'setItem', 'removeItem'],
      "must be 'memory', 'local' or 'encrypted', or",
    );
  return options;
};

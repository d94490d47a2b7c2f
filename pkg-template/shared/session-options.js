// The options of a SessionClient, as far as the constructor can check them. What their values may
// be is checked by the first call.
import { fail } from './error.js';
import { readInput } from './input.js';
import { reader } from './reader.js';
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
 * @param {any} object
 * @param {string[]} names
 */
const hasMethods = (object, names) => names.every((name) => typeof object?.[name] === 'function');

/**
 * Throws a `config` error for options that cannot be used.
 *
 * @param {SessionClientOptions} options
 */
export const checkOptions = (options) => {
  /** @type {(field: string, message: string) => never} */
  const refuse = (field, message) => fail('config', OPERATION, message, field);
  const { storage = 'memory', clock = realClock } = options;
  if (!hasMethods(clock, Object.keys(realClock))) {
    refuse('clock', 'must have `now`, `monotonic`, `setTimeout` and `clearTimeout`.');
  }
  readInput(OPERATION, options, {});
  const text = reader('config', OPERATION, options)('string');
  if (!text('apiKey')) refuse('apiKey', 'is missing or empty.');
  if (!text('region') === !text('endpoint')) {
    fail('config', OPERATION, 'Pass exactly one of `region` and `endpoint`.');
  }
  const length = text('deviceId')?.length ?? 1;
  if (length < 1 || length > MAX_DEVICE_ID_LENGTH) {
    const limit = `1 to ${MAX_DEVICE_ID_LENGTH} characters (got ${length})`;
    refuse('deviceId', `must be ${limit}.`);
  }
  if (text('namespace') === '') refuse('namespace', 'must not be empty.');
  for (const name of /** @type {const} */ (['authTokenFrom', 'visitorSignatureFrom'])) {
    const source = options[name];
    const isAddress = typeof source === 'function' || /** @type {any} */ (source)?.href;
    if (!isAddress && text(name) === '') refuse(name, 'must not be empty.');
  }
  const isNamed = ['memory', 'local', 'encrypted'].includes(/** @type {string} */ (storage));
  if (!isNamed && !hasMethods(storage, ['getItem', 'setItem', 'removeItem'])) {
    refuse(
      'storage',
      "must be 'memory', 'local' or 'encrypted', or have `getItem`, `setItem` and " +
        '`removeItem`.',
    );
  }
};

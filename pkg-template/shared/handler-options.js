// Reads the options of `createAuthHandler`, and checks what it can check before the first request.
import {
  DEFAULT_ALLOWED_HEADERS,
  DEFAULT_HANDLER_ATTEMPTS,
  DEFAULT_HANDLER_MAX_DELAY_MS,
  DEFAULT_HANDLER_TIMEOUT_MS,
} from './constants.js';
import { fail } from './error.js';
import { createReader } from './reader.js';

/** @typedef {Record<string, any>} Options */

export const OPERATION = 'createAuthHandler';

/**
 * Copies the own properties of an object. The copy has no prototype, so a polluted
 * `Object.prototype` adds nothing to it.
 *
 * @param {any} object
 * @returns {Options}
 */
export const copy = (object) => Object.assign(Object.create(null), object);

/** @param {string} field @param {string} problem */
const refuseOption = (field, problem) => fail('config', OPERATION, problem, field);

/**
 * Returns whether a browser can send this text as an `Origin`. Any other text would never match.
 * Returns false for `null`, which every sandboxed page sends.
 *
 * @param {any} text
 */
const isOrigin = (text) => {
  try {
    return (
      /^[a-z][a-z\d+.-]*:\/\/[a-z\d._:[\]-]+$/.test(text) &&
      // `URL` returns no origin for the schemes of native apps and extensions.
      (!/^http/.test(text) || new URL(text).origin === text)
    );
  } catch {
    return false;
  }
};

/**
 * Returns the origins in `value`, the value of the option `field`. It must be a list of origins.
 * For `publicOrigin`, it may also be a single origin or undefined.
 *
 * @param {string} field
 * @param {any} value
 * @returns {string[]}
 */
export const checkOrigins = (field, value) => {
  const origins = field === 'publicOrigin' ? [value ?? []].flat() : value;
  return Array.isArray(origins) && origins.every(isOrigin)
    ? [...origins]
    : refuseOption(field, 'must be origins like `https://app.example`.');
};

/**
 * Copies the options, adds the defaults and checks the result.
 *
 * @param {Options} options
 */
export const readOptions = (options) => {
  const given = copy(options);
  given.basePath ??= '/auth';
  given.timeoutMs ??= DEFAULT_HANDLER_TIMEOUT_MS;
  given.allowedOrigins ??= [];
  given.rateLimitStage ??= 'after';
  const readAs = createReader('config', OPERATION, given);
  /** @param {string} name */
  const checkText = (name) => typeof given[name] === 'function' || readAs('string')(name);
  ['region', 'endpoint', 'serverKey', 'apiKey', 'visitorSecret', 'basePath'].map(checkText);
  ['authenticate', 'rateLimit', 'clientIp', 'fetch', 'onEvent'].map(readAs('function'));
  // Reject the text 'false', which JavaScript takes for true.
  ['allowNonBrowser', 'allowUnlimitedVisitors'].map(readAs('boolean'));
  const retry = readAs('object')('retry');
  for (const name of ['authenticate', 'serverKey'])
    if (!given[name]) refuseOption(name, 'is missing or empty.');
  if (!given.region && !given.endpoint) refuseOption('region', 'or `endpoint` is required.');
  for (const name of ['allowedOrigins', 'publicOrigin'])
    if (typeof given[name] !== 'function') given[name] = checkOrigins(name, given[name]);
  given.allowedHeaders = readAs('array')('allowedHeaders')?.join(', ') ?? DEFAULT_ALLOWED_HEADERS;
  if (!/^[\w-]+(, [\w-]+)*$/.test(given.allowedHeaders))
    refuseOption('allowedHeaders', 'must be header names.');
  if (!['before', 'after', 'both'].includes(given.rateLimitStage))
    refuseOption('rateLimitStage', 'must be before, after or both.');
  // Visitors have no user id, so only their address can be limited.
  if (given.visitorSecret && !given.allowUnlimitedVisitors && !(given.rateLimit && given.clientIp))
    refuseOption(
      'visitorSecret',
      'requires `rateLimit` and `clientIp`, or `allowUnlimitedVisitors`.',
    );
  if (!/^(\/[\w.~-]+)*$/.test(given.basePath)) refuseOption('basePath', 'must be like `/auth`.');
  if (!((readAs('number')('timeoutMs') | 0) > 0))
    refuseOption('timeoutMs', 'must be 1 to 2147483647 milliseconds.');
  const attempts = retry === false ? 1 : (retry?.attempts ?? DEFAULT_HANDLER_ATTEMPTS);
  given.retry = copy({ maxDelayMs: DEFAULT_HANDLER_MAX_DELAY_MS, ...retry, attempts });
  return given;
};

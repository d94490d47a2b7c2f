// Reads options and requests into the list that a call passes to wasm. It checks the type of each
// value here, so that no getter of the caller runs inside wasm. Rust checks the limits.
import { fail } from './error.js';
import { reader } from './reader.js';
import {
  INPUT_API_KEY,
  INPUT_API_VERSION,
  INPUT_ATTEMPTS,
  INPUT_AUTH_SIGNATURE,
  INPUT_AUTH_SIGNATURE_EXPIRES_AT,
  INPUT_AUTH_TOKEN,
  INPUT_BASE_DELAY_MS,
  INPUT_CREDENTIAL,
  INPUT_DEVICE_ID,
  INPUT_DEVICE_KIND,
  INPUT_DEVICE_MODEL,
  INPUT_DISPLAY_NAME,
  INPUT_ENDPOINT,
  INPUT_MAX_DELAY_MS,
  INPUT_PROFILE_HANDLE,
  INPUT_REGION,
  INPUT_SDK_VERSION,
  INPUT_SESSION_API_VERSION,
  INPUT_TIMEOUT_MS,
  INPUT_USER_ID,
} from './wire.js';

/**
 * @typedef {(name: string) => any} Read
 * @typedef {Record<string, number>} Places The names of inputs, with their indexes in the list.
 * @typedef {ReturnType<typeof readInput>} Call
 *
 * @typedef {object} CallShape The inputs of a call besides those that all calls share.
 * @property {string} [credential] The name of its credential besides the API key.
 * @property {boolean} [inOptions] Whether the credential is an option, not a field of the request.
 * @property {boolean} [hasSessionVersion] Whether `sessionApiVersion` is an option.
 * @property {string} [user] The name of the field that names the user; empty if none does.
 * @property {(list: unknown[], request: unknown, operation: string) => void} [details] Reads the
 *   fields that only this call has.
 */

/** @type {Places} */
const RETRY = {
  attempts: INPUT_ATTEMPTS,
  baseDelayMs: INPUT_BASE_DELAY_MS,
  maxDelayMs: INPUT_MAX_DELAY_MS,
};
/** @type {Places} */
const OPTIONS = {
  region: INPUT_REGION,
  endpoint: INPUT_ENDPOINT,
  apiVersion: INPUT_API_VERSION,
  apiKey: INPUT_API_KEY,
};
/** @type {Places} */
const FIELDS = {
  deviceId: INPUT_DEVICE_ID,
  displayName: INPUT_DISPLAY_NAME,
  profileHandle: INPUT_PROFILE_HANDLE,
  authToken: INPUT_AUTH_TOKEN,
  authSignature: INPUT_AUTH_SIGNATURE,
  authSignatureExpiresAt: INPUT_AUTH_SIGNATURE_EXPIRES_AT,
};
/** @type {Places} */
const DEVICE_INFO = {
  kind: INPUT_DEVICE_KIND,
  model: INPUT_DEVICE_MODEL,
  sdkVersion: INPUT_SDK_VERSION,
};

/**
 * Reads the inputs of one call. Returns the `list` for wasm and what JavaScript itself needs;
 * `report` calls the caller's `onEvent` and never throws.
 *
 * @param {string} operation
 * @param {unknown} options
 * @param {unknown} request
 * @param {CallShape} [shape]
 */
export const readInput = (
  operation,
  options,
  request,
  { credential, inOptions, hasSessionVersion, user = 'userId', details } = {},
) => {
  const option = reader('config', operation, options);
  const field = reader('invalidRequest', operation, request);
  /** @type {unknown[]} */
  const list = [];
  /** @param {Places} places @param {Read} read */
  const fill = (places, read) => {
    for (const name of Object.keys(places)) list[places[name]] = read(name);
  };
  list[INPUT_TIMEOUT_MS] = option('number')('timeoutMs');
  const retry = option('object')('retry');
  if (retry === false) list[INPUT_ATTEMPTS] = 1;
  else fill(RETRY, reader('config', operation, retry, 'retry.')('number'));
  fill(OPTIONS, option('string'));
  if (credential) list[INPUT_CREDENTIAL] = (inOptions ? option : field)('string')(credential);
  if (user) list[INPUT_USER_ID] = field('string')(user);
  fill(FIELDS, field('string'));
  const deviceInfo = field('object')('deviceInfo');
  fill(DEVICE_INFO, reader('invalidRequest', operation, deviceInfo, 'deviceInfo.')('string'));
  if (hasSessionVersion) list[INPUT_SESSION_API_VERSION] = option('string')('sessionApiVersion');
  details?.(list, request, operation);
  // A SessionClient passes its own clock to its calls.
  const clock = option('object')('clock') ?? Date;
  return {
    list,
    fetch: option('function')('fetch'),
    signal: readSignal(operation, field),
    userId: list[INPUT_USER_ID],
    deviceId: list[INPUT_DEVICE_ID],
    report: reporter(operation, clock, option('function')('onEvent')),
    clock,
    at: clock.now(),
    attempts: 0,
  };
};

/**
 * @param {string} operation
 * @param {(type: string) => Read} field
 * @returns {AbortSignal | undefined}
 */
const readSignal = (operation, field) => {
  const signal = field('object')('signal');
  const part = reader('invalidRequest', operation, signal, 'signal.');
  if (
    signal &&
    (part('function')('addEventListener') === undefined || part('boolean')('aborted') === undefined)
  )
    fail('invalidRequest', operation, 'must be an AbortSignal.', 'signal');
  return signal;
};

/**
 * @param {string} operation
 * @param {{ now(): number }} clock
 * @param {((event: any) => any) | undefined} onEvent
 */
const reporter = (operation, clock, onEvent) => {
  if (!onEvent) return undefined;
  /** @param {string} type @param {object} event */
  return (type, event) => {
    try {
      onEvent({ type, at: clock.now(), operation, ...event })?.catch?.(() => {});
    } catch {
      // An error of the listener does not affect the call.
    }
  };
};

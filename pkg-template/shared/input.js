// Reads options and requests into the list that a call passes to wasm. It checks the type of each
// value, so that no getter of the caller runs inside wasm. Rust checks the limits.
import { readSignal } from './abort.js';
import { createReader } from './reader.js';
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
 * @typedef {Record<string, number>} Indexes The index in the list for each name of an input.
 * @typedef {ReturnType<typeof readInput>} Call
 *
 * @typedef {object} CallShape Describes the inputs of a call that other calls do not have.
 * @property {string} [credential] The name of the call's credential other than the API key, if any.
 * @property {boolean} [inOptions] Whether the credential is an option, not a field of the request.
 * @property {boolean} [hasSessionVersion] Whether `sessionApiVersion` is an option.
 * @property {string} [user] The name of the field with the user id; empty if there is no such
 *   field. Default `userId`.
 * @property {(list: unknown[], request: unknown, operation: string) => void} [details] Reads the
 *   fields that only this call has.
 */

/** @type {Indexes} */
const RETRY = {
  attempts: INPUT_ATTEMPTS,
  baseDelayMs: INPUT_BASE_DELAY_MS,
  maxDelayMs: INPUT_MAX_DELAY_MS,
};
/** @type {Indexes} */
const OPTIONS = {
  region: INPUT_REGION,
  endpoint: INPUT_ENDPOINT,
  apiVersion: INPUT_API_VERSION,
  apiKey: INPUT_API_KEY,
};
/** @type {Indexes} */
const FIELDS = {
  deviceId: INPUT_DEVICE_ID,
  displayName: INPUT_DISPLAY_NAME,
  profileHandle: INPUT_PROFILE_HANDLE,
  authToken: INPUT_AUTH_TOKEN,
  authSignature: INPUT_AUTH_SIGNATURE,
  authSignatureExpiresAt: INPUT_AUTH_SIGNATURE_EXPIRES_AT,
};
/** @type {Indexes} */
const DEVICE_INFO = {
  kind: INPUT_DEVICE_KIND,
  model: INPUT_DEVICE_MODEL,
  sdkVersion: INPUT_SDK_VERSION,
};

/**
 * Reads the inputs of one call. Returns the `list` for wasm and the values that JavaScript needs.
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
  const readOption = createReader('config', operation, options);
  const readField = createReader('invalidRequest', operation, request);
  /** @type {unknown[]} */
  const list = [];
  /** @param {Indexes} indexes @param {Read} read */
  const fill = (indexes, read) => {
    for (const name of Object.keys(indexes)) list[indexes[name]] = read(name);
  };
  list[INPUT_TIMEOUT_MS] = readOption('number')('timeoutMs');
  const retry = readOption('object')('retry');
  if (retry === false) list[INPUT_ATTEMPTS] = 1;
  else fill(RETRY, createReader('config', operation, retry, 'retry.')('number'));
  fill(OPTIONS, readOption('string'));
  if (credential)
    list[INPUT_CREDENTIAL] = (inOptions ? readOption : readField)('string')(credential);
  if (user) list[INPUT_USER_ID] = readField('string')(user);
  fill(FIELDS, readField('string'));
  const deviceInfo = readField('object')('deviceInfo');
  fill(DEVICE_INFO, createReader('invalidRequest', operation, deviceInfo, 'deviceInfo.')('string'));
  if (hasSessionVersion)
    list[INPUT_SESSION_API_VERSION] = readOption('string')('sessionApiVersion');
  details?.(list, request, operation);
  // A SessionClient passes its own clock to its calls.
  const clock = readOption('object')('clock') ?? Date;
  return {
    list,
    fetch: readOption('function')('fetch'),
    signal: readSignal(operation, request),
    userId: list[INPUT_USER_ID],
    deviceId: list[INPUT_DEVICE_ID],
    report: createReport(operation, clock, readOption('function')('onEvent')),
    clock,
    at: clock.now(),
    attempts: 0,
  };
};

/**
 * @param {string} operation
 * @param {{ now(): number }} clock
 * @param {((event: any) => any) | undefined} onEvent
 */
const createReport = (operation, clock, onEvent) => {
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

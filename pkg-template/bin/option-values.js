// Parses the values of options: numbers, durations, and `on` or `off`. Error messages contain a
// value only if it is a number.
import { UsageError } from './usage-error.js';

/** @import { Values } from './arguments.js' */

/**
 * Parses a number option. Returns `undefined` if the option is absent.
 *
 * @param {Values} values
 * @param {string} name
 */
export const parseNumber = (values, name, min = 0, max = Number.MAX_SAFE_INTEGER) => {
  const text = values[name];
  if (text === undefined) return undefined;
  const isNumber = /^-?\d{1,20}(\.\d{1,20})?$/.test(text);
  const value = Number(text);
  if (isNumber && value >= min && value <= max) return value;
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}`;
  throw new UsageError(`--${name} must be a number ${range}${isNumber ? ` (got ${text})` : ''}.`);
};

const MIN_TIMEOUT_SECONDS = 0.001;
const MAX_TIMEOUT_SECONDS = 600;

/**
 * Converts `--timeout` from seconds to milliseconds. Returns `undefined` if the option is absent.
 *
 * @param {Values} values
 */
export const parseTimeoutMs = (values) => {
  const seconds = parseNumber(values, 'timeout', MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS);
  return seconds && seconds * 1000;
};

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Converts a duration like `90s`, `15m`, `24h` or `30d` to milliseconds. Returns `undefined` if the
 * option is absent.
 *
 * @param {Values} values
 * @param {string} name
 */
export const parseDuration = (values, name) => {
  const text = values[name];
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (!(Number(count) > 0))
    throw new UsageError(`--${name} must be a duration like 90s, 15m, 24h or 30d.`);
  return Number(count) * UNITS_MS[/** @type {keyof typeof UNITS_MS} */ (unit)];
};

/**
 * Returns whether the text is `on`. Throws a {@link UsageError} if it is neither `on` nor `off`.
 *
 * @param {string | undefined} text
 * @param {string} name - The name of the value in the error message.
 */
export const parseOnOff = (text, name) => {
  if (text !== 'on' && text !== 'off') throw new UsageError(`${name} must be on or off.`);
  return text === 'on';
};

// The constants of JavaScript that the build does not generate from Rust. This module has no
// imports, so bundlers replace the names with their values.

export const HTTP_OK = 200;
export const HTTP_UNAUTHORIZED = 401;
export const HTTP_SERVER_ERROR = 500;
export const MIN_HTTP_STATUS = 100;
export const MAX_HTTP_STATUS = 599;
export const MS_PER_SECOND = 1000;
export const HEX_RADIX = 16;

/** The default `minValidityMs` of `accessToken`. */
export const DEFAULT_MIN_VALIDITY_MS = 60_000;
export const DEVICE_ID_BYTES = 16;
/** The radix of the hash in the name of a device. */
export const NAME_RADIX = 36;

/**
 * The start of the year 10000, in milliseconds since 1970. ISO 8601 cannot write this year with
 * four digits.
 */
export const YEAR_10000 = 253_402_300_800_000;

/** The largest request body that the auth handler reads, in bytes. */
export const MAX_BODY_BYTES = 16_384;
/** The default `maxDelayMs` of the auth handler's retries. */
export const DEFAULT_HANDLER_MAX_DELAY_MS = 2_000;
export const DEFAULT_HANDLER_TIMEOUT_MS = 8_000;
export const DEFAULT_HANDLER_ATTEMPTS = 2;
export const DEFAULT_ALLOWED_HEADERS = 'content-type, authorization, x-correlation-id';
export const DEFAULT_RETRY_AFTER_S = 10;
export const MAX_RETRY_AFTER_S = 86_400;
export const NOT_FOUND_CODE = 400400;

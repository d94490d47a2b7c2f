// The constants that Rust does not need. This module has no imports, so bundlers replace the names
// by their values.

export const HTTP_OK = 200;
export const HTTP_UNAUTHORIZED = 401;
export const HTTP_SERVER_ERROR = 500;
export const MIN_HTTP_STATUS = 100;
export const MAX_HTTP_STATUS = 599;
export const MS_PER_SECOND = 1000;
export const HEX_RADIX = 16;

/** The validity that `accessToken` asks for by default, in milliseconds. */
export const DEFAULT_MIN_VALIDITY_MS = 60_000;
/**
 * How long the lock is held, in milliseconds, so that the next tab sees what was written under it:
 * `localStorage` reaches other processes a little later.
 */
export const LOCK_HOLD_MS = 25;
export const DEVICE_ID_BYTES = 16;
/** The radix of the numbers in the names of devices. */
export const NAME_RADIX = 36;

/** The first date whose year has five digits in ISO 8601. */
export const YEAR_10000 = 253_402_300_800_000;

/** The largest request body that the auth handler reads, in bytes. */
export const MAX_BODY_BYTES = 16_384;
/** The longest wait of the auth handler between two attempts; the client makes longer ones. */
export const MAX_HANDLER_DELAY_MS = 2_000;
export const DEFAULT_HANDLER_TIMEOUT_MS = 8_000;
export const DEFAULT_HANDLER_ATTEMPTS = 2;
export const DEFAULT_RETRY_AFTER_S = 10;
export const MAX_RETRY_AFTER_S = 86_400;
export const NOT_FOUND_CODE = 400400;

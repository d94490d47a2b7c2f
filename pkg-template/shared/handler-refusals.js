// The errors that end a request to the auth routes, and the HTTP statuses that they lead to.
import { DEFAULT_RETRY_AFTER_S, MAX_RETRY_AFTER_S, NOT_FOUND_CODE } from './constants.js';
import { SocialPlusError } from './error.js';
import { OPERATION } from './handler-options.js';

/** @typedef {import('social-plus-auth').ErrorKind} ErrorKind */

/**
 * Throws an error that ends a request. The default status is 500. `onEvent` always gets the
 * message; the client gets it only if the status is below 500.
 *
 * @param {ErrorKind} kind
 * @param {string} message
 * @param {number} [status]
 * @param {number} [retryAfterMs]
 * @returns {never}
 */
export const refuse = (kind, message, status, retryAfterMs) => {
  throw new SocialPlusError({ operation: OPERATION, kind, message, status, retryAfterMs });
};

/**
 * Returns the HTTP status for an error.
 *
 * @param {Partial<SocialPlusError>} error
 */
export const chooseStatus = ({ kind, field, code, status, attempts }) => {
  // No request was sent to the service. Without a status, the error is a 500, unless a value that
  // the client sent (`deviceId` or `deviceInfo`) is invalid: that is a 400.
  if (!attempts)
    return status ?? (kind === 'invalidRequest' && /^device/.test(field ?? '') ? 400 : 500);
  // A 404 means an unknown user only with the service's code, because a proxy or a wrong endpoint
  // returns 404 too. A `notFound` with status 200 means a deleted user.
  const isUnknownUser = kind === 'notFound' && (status === 200 || code === NOT_FOUND_CODE);
  if (kind === 'banned' || isUnknownUser) return 403;
  if (kind === 'timeout') return 504;
  return kind === 'rateLimited' || status === 503 ? 503 : 502;
};

/**
 * Returns the value of `Retry-After`, in seconds, for a wait in milliseconds.
 *
 * @param {number | undefined} ms
 */
export const toRetryAfterSeconds = (ms) => {
  const seconds = Math.max(Math.ceil(Number(ms) / 1000), 1) || DEFAULT_RETRY_AFTER_S;
  return Math.min(seconds, MAX_RETRY_AFTER_S);
};

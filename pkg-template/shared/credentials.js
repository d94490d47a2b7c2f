// Gets an auth token or a visitor's signature for a SessionClient, from a function of the app or
// from a URL, for example a route of `createAuthHandler`. A failure is transient: it never ends a
// session.
import { HTTP_OK, HTTP_SERVER_ERROR, MIN_HTTP_STATUS } from './constants.js';
import { SocialPlusError } from './error.js';
import { host } from './host.js';
import { sendOnce } from './transport.js';
import {
  MAX_AUTH_TOKEN_LENGTH,
  TROUBLE_ABORTED,
  TROUBLE_CONNECTION_CLOSED,
  TROUBLE_NETWORK,
  TROUBLE_TIMEOUT,
} from './wire.js';

/**
 * @typedef {import('social-plus-auth').ErrorKind} ErrorKind
 *
 * @typedef {object} Context
 * @property {((url: string, init: any) => Promise<Response>) | undefined} fetch
 * @property {string} userId
 * @property {string} deviceId
 * @property {number} timeoutMs
 * @property {AbortSignal} signal
 */

/** @type {Record<number, ErrorKind>} */
const KINDS = {
  [TROUBLE_NETWORK]: 'network',
  [TROUBLE_CONNECTION_CLOSED]: 'network',
  [TROUBLE_TIMEOUT]: 'timeout',
  [TROUBLE_ABORTED]: 'aborted',
  401: 'unauthorized',
  403: 'forbidden',
  429: 'rateLimited',
};

/**
 * Throws a retryable error about the option with the name `operation`.
 *
 * @param {string} operation
 * @param {ErrorKind} kind
 * @param {string} problem
 * @param {{ status?: number, retryAfterMs?: number }} [more]
 * @returns {never}
 */
const refuse = (operation, kind, problem, more) => {
  throw new SocialPlusError({
    operation,
    kind,
    message: `\`${operation}\` ${problem}`,
    field: operation,
    retryable: true,
    ...more,
  });
};

/**
 * Posts the device id to a route and returns the JSON of the response.
 *
 * @param {string} operation
 * @param {string} url
 * @param {Context} context
 */
const post = async (operation, url, { fetch, deviceId, timeoutMs, signal }) => {
  /** @param {string} address @param {object} init */
  const send = (address, init) =>
    // Some workers throw if the init contains `credentials`.
    (fetch ?? globalThis.fetch)(
      address,
      host.isPerRequest ? init : { ...init, credentials: 'include' },
    );
  const request = {
    method: 'POST',
    url,
    headers: 'content-type\napplication/json',
    body: JSON.stringify({ deviceId }),
    timeoutMs,
  };
  const { status, text, retryAfterMs } = await sendOnce(send, request, signal);
  if (status < MIN_HTTP_STATUS)
    refuse(operation, KINDS[status] ?? 'invalidResponse', 'failed: no response from the route.');
  if (status !== HTTP_OK) {
    const kind = KINDS[status] ?? (status < HTTP_SERVER_ERROR ? 'invalidResponse' : 'server');
    refuse(operation, kind, `failed: the route returned ${status}.`, { status, retryAfterMs });
  }
  try {
    return JSON.parse(text ?? '');
  } catch {
    return refuse(operation, 'invalidResponse', 'failed: the response of the route is not JSON.');
  }
};

/**
 * Calls the app's function and waits for its result, for at most `timeoutMs`.
 *
 * @param {string} operation
 * @param {(request: object) => unknown} source
 * @param {Context} context
 */
const callSource = async (operation, source, { timeoutMs, signal, userId, deviceId }) => {
  const controller = new AbortController();
  let timer;
  /** @type {Promise<never>} */
  const ended = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'timeout');
    signal.addEventListener('abort', () => resolve('aborted'), { signal: controller.signal });
  }).then((/** @type {any} */ kind) =>
    refuse(operation, kind, kind === 'timeout' ? 'timed out.' : 'was aborted.'),
  );
  // If the app's function closes the client and then throws, no race handles this rejection.
  ended.catch(() => {});
  try {
    return await Promise.race([ended, source({ userId, deviceId, signal: controller.signal })]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
};

/**
 * Gets a credential from `source`, the value of the option with the name `operation`. Returns an
 * object with these `fields`, all texts. A text that the source returns becomes the first field.
 *
 * @param {string} operation
 * @param {any} source
 * @param {string[]} fields
 * @param {Context} context
 */
export const fetchCredential = async (operation, source, fields, context) => {
  /** @type {any} */
  let given;
  try {
    given = await (typeof source === 'function'
      ? callSource(operation, source, context)
      : post(operation, String(source), context));
  } catch (error) {
    if (SocialPlusError.is(error)) throw error;
    refuse(operation, 'network', 'threw.');
  }
  if (typeof given === 'string') given = { [fields[0]]: given };
  /** @type {Record<string, string>} */
  const credentials = {};
  for (const field of fields) {
    const text = given?.[field];
    // Reject the page of a captive portal, which must not reach the service as a credential.
    if (typeof text !== 'string' || !/^[^\s<]+$/.test(text) || text.length > MAX_AUTH_TOKEN_LENGTH)
      refuse(
        operation,
        'invalidResponse',
        `must return \`${field}\`, a text of 1 to ${MAX_AUTH_TOKEN_LENGTH} characters.`,
      );
    credentials[field] = text;
  }
  return credentials;
};

// Makes one call and records what happened on the network, because the error of a call does not
// show whether the service or a proxy responded.
import { SocialPlusError } from 'social-plus-auth/edge';
import { getLastConnectionError } from '../https-fetch.js';

/** @import { FetchLike } from 'social-plus-auth/edge' */
/** @import { Address } from '../service.js' */

/** @typedef {Address & { timeoutMs?: number, fetch: FetchLike }} Service */

/**
 * @typedef {object} Seen What happened on the network during a call. Times are in milliseconds
 *   since the epoch.
 * @property {number} sentAt
 * @property {number} [receivedAt]
 * @property {number} [status]
 * @property {boolean} [isPage] - Whether the response is HTML.
 * @property {number} [date] - The `Date` header, in milliseconds since the epoch.
 * @property {string} [connectionError] - Why there is no response.
 */

/**
 * @template Value
 * @typedef {{ seen: Seen, value: Value, error?: undefined }
 *   | { seen: Seen, value?: undefined, error: SocialPlusError }} Outcome
 */

const DEFAULT_APP_TIMEOUT_MS = 10_000;
/** How many bytes of an app's response are examined: enough to recognise a token. */
const MAX_APP_BYTES = 4096;

/**
 * Wraps a `fetch` so that it records into `seen`. A `body` replaces the body of the call.
 *
 * @param {FetchLike} fetch
 * @param {Seen} seen
 * @param {string} [body]
 * @returns {FetchLike}
 */
const withRecording = (fetch, seen, body) => async (url, init) => {
  seen.sentAt = Date.now();
  try {
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    const date = Date.parse(response.headers.get('date') ?? '');
    Object.assign(seen, {
      receivedAt: Date.now(),
      status: response.status,
      isPage: /html/i.test(response.headers.get('content-type') ?? ''),
      date: Number.isNaN(date) ? undefined : date,
    });
    return response;
  } catch (error) {
    seen.connectionError = getLastConnectionError();
    throw error;
  }
};

/**
 * Makes one call of the library, without retries. `run` receives the service options.
 *
 * @template Value
 * @param {Service} service
 * @param {(options: Service & { retry: false }) => Promise<Value>} run
 * @param {string} [body] - Replaces the body of the call.
 * @returns {Promise<Outcome<Value>>}
 */
export const probe = async (service, run, body) => {
  /** @type {Seen} */
  const seen = { sentAt: 0 };
  try {
    const fetch = withRecording(service.fetch, seen, body);
    return { seen, value: await run({ ...service, retry: false, fetch }) };
  } catch (error) {
    if (!SocialPlusError.is(error)) throw error;
    return { seen, error };
  }
};

/**
 * The app's response. If it is missing or was cut short, `failure` says why.
 *
 * @typedef {{ seen: Seen, headers: Headers, text: string, failure?: undefined }
 *   | { seen: Seen, headers?: undefined, text?: undefined, failure: string }} AppAnswer
 */

/**
 * Reads the start of a body, and closes the connection if the body goes on.
 *
 * @param {ReadableStream<Uint8Array> | null} body
 */
const readStart = async (body) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_APP_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_APP_BYTES);
};

/**
 * Sends one request to the app. Fails unless the app sends the start of its body within
 * `timeoutMs`.
 *
 * @param {FetchLike} fetch
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<AppAnswer>}
 */
export const probeApp = async (fetch, url, init, timeoutMs = DEFAULT_APP_TIMEOUT_MS) => {
  /** @type {Seen} */
  const seen = { sentAt: 0 };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await withRecording(fetch, seen)(url, { ...init, signal });
    return { seen, headers: response.headers, text: await readStart(response.body) };
  } catch {
    const interruption = signal.aborted
      ? `no response within ${timeoutMs / 1000} seconds`
      : 'the connection closed before the end of the response';
    return { seen, failure: seen.connectionError ?? interruption };
  }
};

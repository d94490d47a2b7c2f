// Reads the caller's AbortSignal, and lets it end the wait for a promise. The caller provides the
// signal, so its methods may throw.
import { SocialPlusError, fail } from './error.js';
import { createReader } from './reader.js';

/**
 * Reads `call.signal`. Throws `invalidRequest` if it is not an AbortSignal.
 *
 * @param {string} operation
 * @param {unknown} call
 * @returns {AbortSignal | undefined}
 */
export const readSignal = (operation, call) => {
  const signal = createReader('invalidRequest', operation, call)('object')('signal');
  const readPart = createReader('invalidRequest', operation, signal, 'signal.');
  const isSignal =
    ['addEventListener', 'removeEventListener'].every(readPart('function')) &&
    readPart('boolean')('aborted') !== undefined;
  if (signal && !isSignal) fail('invalidRequest', operation, 'must be an AbortSignal.', 'signal');
  return signal;
};

/** @param {AbortSignal | undefined} signal */
export const isAborted = (signal) => {
  try {
    return signal?.aborted === true;
  } catch {
    return false;
  }
};

/**
 * Calls `listener` when the signal aborts. Returns a function that removes the listener. A signal
 * whose methods throw counts as one that never aborts.
 *
 * @param {AbortSignal | undefined} signal
 * @param {() => void} listener
 */
export const listen = (signal, listener) => {
  /** @param {'addEventListener' | 'removeEventListener'} method */
  const change = (method) => {
    try {
      signal?.[method]('abort', listener);
    } catch {
      // Treat the signal as one that never aborts.
    }
  };
  change('addEventListener');
  return () => change('removeEventListener');
};

/**
 * Settles as the promise does, or rejects with `aborted` when the signal of `call` aborts. The
 * abort ends only the wait, not the work that the promise stands for.
 *
 * @template T
 * @param {string} operation
 * @param {{ signal?: AbortSignal } | undefined} call
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export const withAbort = async (operation, call, promise) => {
  // If the signal is invalid, nothing else handles a rejection of the promise.
  promise.catch(() => {});
  const signal = readSignal(operation, call);
  if (!signal) return promise;
  const message = 'The call was aborted by its signal.';
  let abort = () => {};
  /** @type {Promise<never>} */
  const rejection = new Promise((_, reject) => {
    abort = () => reject(new SocialPlusError({ kind: 'aborted', operation, message }));
  });
  const stopListening = listen(signal, abort);
  if (isAborted(signal)) abort();
  try {
    return await Promise.race([rejection, promise]);
  } finally {
    stopListening();
  }
};

// Lets an AbortSignal end the wait for a promise.
import { SocialPlusError, fail } from './error.js';

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
  const signal = call?.signal;
  if (!signal) return promise;
  if (typeof signal.addEventListener !== 'function')
    fail('invalidRequest', operation, 'must be an AbortSignal.', 'signal');
  /** @type {() => void} */
  let onAbort = () => {};
  /** @type {Promise<never>} */
  const aborted = new Promise((_, reject) => {
    const message = 'The call was aborted by its signal.';
    onAbort = () => reject(new SocialPlusError({ kind: 'aborted', operation, message }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

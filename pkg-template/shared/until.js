// A wait that its caller may end.
import { SocialPlusError, fail } from './error.js';

/**
 * What comes first: the promise, or the abort of the caller's signal. That ends the wait, not what
 * is waited for.
 */
export const until = async (operation, call, promise) => {
  const signal = call?.signal;
  if (!signal) return promise;
  if (typeof signal.addEventListener !== 'function')
    fail('invalidRequest', operation, '`signal` must be an AbortSignal.');
  let stop;
  const aborted = new Promise((resolve, reject) => {
    stop = () =>
      reject(
        new SocialPlusError({
          kind: 'aborted',
          operation,
          message: 'The call was aborted by its signal.',
        }),
      );
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

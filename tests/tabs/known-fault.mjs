// Marks tests that fail because of a known fault of the package.
import { fail } from '../conformance/harness.mjs';

/**
 * Returns a test body that passes as long as `body` throws an error whose message matches the
 * regular expression `message`. It fails when the fault is gone, so that nobody forgets to remove
 * the mark.
 */
export const knownFault = (message, body) => async () => {
  try {
    await body();
  } catch (error) {
    if (message.test(error.message)) return;
    throw error;
  }
  fail('the known fault is gone: remove `knownFault` from this test');
};

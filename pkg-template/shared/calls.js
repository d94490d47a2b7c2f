// The steps that all calls share: read the input, await the artifact, send the requests, and turn a
// failure into a SocialPlusError.
import { HTTP_UNAUTHORIZED } from './constants.js';
import { SocialPlusError } from './error.js';
import { readInput } from './input.js';
import { Session } from './session.js';
import { send } from './transport.js';
import { SESSION_KIND_USER } from './wire.js';

/**
 * @typedef {import('./input.js').Call} Call
 * @typedef {import('./input.js').CallShape} CallShape
 * @typedef {(...numbers: number[]) => void} Run A function of wasm.
 * @typedef {typeof import('../wasm/edge_bg.js').invoke} Invoke
 * @typedef {(options: any, request?: any) => Promise<any>} AsyncCall
 * @typedef {ReturnType<typeof caller>} Caller
 *
 * @typedef {object} Step One request of a call.
 * @property {Run} run The function of wasm that builds the request.
 * @property {number} [argument] The number that `run` takes.
 * @property {(list: unknown[], value: any) => unknown[]} [change] Makes the list of this step from
 *   that of the call and the result of the step before.
 */

/**
 * Returns a result of wasm; throws if it is an error.
 *
 * @param {string} operation
 * @param {Call} call
 * @param {any} result
 */
const checkResult = (operation, call, result) => {
  const { kind, status } = result;
  if (!kind) return result;
  call.report?.('error', { attempt: call.attempts, ...(status && { status }), detail: kind });
  throw new SocialPlusError({ ...result, operation, attempts: call.attempts });
};

/**
 * Returns the function that creates calls. `convert` turns the result of the last step into the
 * value that the caller gets.
 *
 * @param {Invoke} invoke
 * @param {Run} interpret
 * @param {() => Promise<void>} ready
 */
export const caller =
  (invoke, interpret, ready) =>
  /**
   * @param {string} operation
   * @param {Step[]} steps
   * @param {(value: any, call: Call) => any} convert
   * @param {CallShape} [shape]
   * @returns {AsyncCall}
   */
  (operation, steps, convert, shape) =>
  async (options, request) => {
    const call = readInput(operation, options, request, shape);
    await ready();
    let value;
    for (const { run, argument = 0, change } of steps) {
      const list = change?.(call.list, value) ?? call.list;
      const http = checkResult(operation, call, invoke(run, list, argument));
      ({ value } = checkResult(operation, call, await send(invoke, interpret, http, call)));
    }
    return convert(value, call);
  };

/** @param {any} value */
export const identity = (value) => value;
/** @param {any} fields @param {Call} call */
export const toSession = (fields, call) => new Session(fields, call);

/**
 * Makes a call that creates a session. Visitors and bots name no user.
 *
 * @param {Caller} call
 * @param {Run} run
 * @param {string} operation
 * @param {number} kind
 */
export const creator = (call, run, operation, kind) =>
  call(operation, [{ run, argument: kind }], toSession, {
    user: kind === SESSION_KIND_USER ? undefined : '',
  });

/**
 * Makes a call about an access token.
 *
 * @param {Caller} call
 * @param {Run} run
 * @param {string} operation
 */
export const bearer = (call, run, operation) => {
  const request = call(operation, [{ run }], () => {}, { credential: 'accessToken' });
  /**
   * @param {any} options
   * @param {any} accessToken
   * @param {any} [given]
   * @returns {Promise<any>}
   */
  return (options, accessToken, given) =>
    request(options, {
      accessToken,
      // The signal is read where the call catches a getter that throws.
      get signal() {
        return given?.signal;
      },
    });
};

/**
 * Makes `verifySession`, which returns a refusal instead of throwing it.
 *
 * @param {ReturnType<typeof bearer>} verify
 * @returns {typeof import('social-plus-auth').verifySession}
 */
export const verifier = (verify) => async (options, accessToken, given) => {
  try {
    await verify(options, accessToken, given);
    return { valid: true };
  } catch (error) {
    const reason = SocialPlusError.is(error) && refusalOf(error);
    if (reason) return { valid: false, reason };
    throw error;
  }
};

/**
 * Returns why the service refused a token. Only an error code, or a plain 401, is the service's; a
 * proxy's page proves nothing about the token.
 *
 * @param {SocialPlusError} error
 */
const refusalOf = ({ kind, code, status }) => {
  const isRefusal = kind === 'unauthorized' || kind === 'banned' || kind === 'notFound';
  return isRefusal && (code || status === HTTP_UNAUTHORIZED) ? kind : undefined;
};

// The steps that all calls to the service share: read the input, load the wasm artifact, send the
// requests, and turn a failure into a SocialPlusError.
import { HTTP_UNAUTHORIZED } from './constants.js';
import { SocialPlusError } from './error.js';
import { readInput } from './input.js';
import { Session } from './session.js';
import { send as sendRequest } from './transport.js';
import { SESSION_KIND_USER } from './wire.js';

/**
 * @typedef {import('./input.js').Call} Call
 * @typedef {import('./input.js').CallShape} CallShape
 * @typedef {(...numbers: number[]) => void} Run A function of wasm.
 * @typedef {typeof import('../wasm/edge_bg.js').invoke} Invoke
 * @typedef {(options: any, request?: any) => Promise<any>} AsyncCall
 * @typedef {ReturnType<typeof createCallMaker>} MakeCall
 *
 * @typedef {object} Step One request of a call.
 * @property {Run} run The function of wasm that builds the request.
 * @property {number} [argument] The number that `run` takes.
 * @property {(list: unknown[], value: any) => unknown[]} [change] Makes the input list of this step
 *   from the input list of the call and the result of the previous step.
 */

/**
 * Returns a result of wasm. If the result is an error, reports and throws it instead.
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
 * Returns the function that makes the calls of an entry. `convert` turns the result of a call's
 * last step into the value that the caller gets.
 *
 * @param {Invoke} invoke
 * @param {Run} interpret
 * @param {() => Promise<void>} ready
 */
export const createCallMaker =
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
      ({ value } = checkResult(operation, call, await sendRequest(invoke, interpret, http, call)));
    }
    return convert(value, call);
  };

/** @param {any} value */
export const identity = (value) => value;
/** @param {any} fields @param {Call} call */
export const toSession = (fields, call) => new Session(fields, call);

/**
 * Returns the function of a call that creates a session. A request of a visitor or bot contains no
 * user id.
 *
 * @param {MakeCall} makeCall
 * @param {Run} run
 * @param {string} operation
 * @param {number} kind
 */
export const makeSessionCall = (makeCall, run, operation, kind) =>
  makeCall(operation, [{ run, argument: kind }], toSession, {
    user: kind === SESSION_KIND_USER ? undefined : '',
  });

/**
 * Returns the function of a call that verifies or revokes an access token.
 *
 * @param {MakeCall} makeCall
 * @param {Run} run
 * @param {string} operation
 */
export const makeTokenCall = (makeCall, run, operation) => {
  const send = makeCall(operation, [{ run }], () => {}, { credential: 'accessToken' });
  /**
   * @param {any} options
   * @param {any} accessToken
   * @param {any} [given]
   * @returns {Promise<any>}
   */
  return (options, accessToken, given) =>
    send(options, {
      accessToken,
      // A getter, so that the call reads the signal where it catches exceptions.
      get signal() {
        return given?.signal;
      },
    });
};

/**
 * Returns `verifySession`, which returns the reason if the service refuses a token, and throws all
 * other errors.
 *
 * @param {ReturnType<typeof makeTokenCall>} verify
 * @returns {typeof import('social-plus-auth').verifySession}
 */
export const makeVerifySession = (verify) => async (options, accessToken, given) => {
  try {
    await verify(options, accessToken, given);
    return { valid: true };
  } catch (error) {
    const reason = SocialPlusError.is(error) && findRefusal(error);
    if (reason) return { valid: false, reason };
    throw error;
  }
};

/**
 * Returns why the service refused a token; undefined if the error is not a refusal by the service.
 * An error without a code of the service counts as a refusal only if its status is 401. Otherwise
 * it may be the page of a proxy, which says nothing about the token.
 *
 * @param {SocialPlusError} error
 */
const findRefusal = ({ kind, code, status }) => {
  const isRefusal = kind === 'unauthorized' || kind === 'banned' || kind === 'notFound';
  return isRefusal && (code || status === HTTP_UNAUTHORIZED) ? kind : undefined;
};

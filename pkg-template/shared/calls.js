// What every call has around its functions in wasm: what the caller hands in is read, the artifact
// is awaited, requests are sent, and a failure becomes a SocialPlusError.
import { SocialPlusError } from './error.js';
import { readInput } from './input.js';
import { Session } from './session.js';
import { send } from './transport.js';

/** What came of a step, unless it is the fields of an error. */
const good = (operation, call, said) => {
  const { kind, status } = said;
  if (!kind) return said;
  call.report?.('error', { attempt: call.attempts, ...(status && { status }), detail: kind });
  throw new SocialPlusError({ ...said, operation, attempts: call.attempts });
};

export const same = (value) => value;

/**
 * Makes calls. Each of `steps` makes a request: a function of wasm, the number it takes, and what
 * makes its list of the call's and of what the step before came to. `make` makes what the caller
 * gets of what the last one came to; `extra` is what only some calls take.
 */
export const caller =
  (glue, ready) => (operation, steps, make, extra) => async (options, request) => {
    const call = readInput(operation, options, request, extra);
    await ready();
    let value;
    for (const [run, number, change = same] of steps) {
      const http = good(operation, call, glue.cross(run, change(call.list, value), number));
      ({ value } = good(operation, call, await send(glue, http, call)));
    }
    return make(value, call);
  };

export const session = (fields, call) => new Session(fields, call);

/**
 * By their numbers in src/js/calls.rs. Visitors and bots name no user, whatever else is in the
 * request.
 */
const KINDS = {
  createSession: {},
  createVisitorSession: { user: '' },
  createBotSession: { user: '' },
};

/** A call that creates a session. */
export const creator = (call, glue, operation) => {
  const kind = Object.keys(KINDS).indexOf(operation);
  return call(operation, [[glue.createSession, kind]], session, KINDS[operation]);
};

/** A call about an access token. */
export const bearer = (call, glue, operation) => {
  const run = call(operation, [[glue[operation]]], () => {}, { credential: 'accessToken' });
  // The signal is read where a getter that throws is caught.
  return (options, accessToken, given) =>
    run(options, {
      accessToken,
      get signal() {
        return given?.signal;
      },
    });
};

/** `verifySession`: a refusal is an answer. */
export const verifier = (call, glue) => {
  const verify = bearer(call, glue, 'verifySession');
  return async (options, accessToken, given) => {
    try {
      await verify(options, accessToken, given);
      return { valid: true };
    } catch (error) {
      // The service's own word has a code, or is a plain 401; a proxy's page says nothing of the
      // token.
      const { kind, code, status } = error;
      if ((code && /^(unauthorized|banned|notFound)$/.test(kind)) || status === 401)
        return { valid: false, reason: kind };
      throw error;
    }
  };
};

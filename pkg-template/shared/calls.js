// What every call has around its wasm function: what the caller hands in is read, the artifact is awaited, and a rejection becomes a SocialPlusError.
import { SocialPlusError } from './error.js';
import { readOptions, readRequest } from './input.js';
import { Session } from './session.js';

/** Makes calls: `run` is the wasm function, `make` makes what the caller gets of what it resolves to, `more` are options that only some calls have. */
export const caller = (ready, more) => (operation, run, make) => async (options, request) => {
  const read = [readOptions(operation, options, more), readRequest(operation, request)];
  await ready();
  let made;
  try {
    made = await run(...read);
  } catch (fields) {
    // Anything without a kind is the engine's own failure.
    throw fields?.kind ? new SocialPlusError(fields) : fields;
  }
  return make(made);
};

export const session = (fields) => new Session(fields);

/** The calls that both the browser and the edge have. */
export const common = (glue, call) => {
  const bearer = (operation, run) => {
    const send = call(operation, run, () => {});
    return (options, accessToken, { signal } = {}) => send(options, { accessToken, signal });
  };
  const verify = bearer('verifySession', glue.verifySession);
  return {
    createSession: call('createSession', glue.createSession, session),
    revokeSession: bearer('revokeSession', glue.revokeSession),
    async verifySession(options, accessToken, request) {
      try {
        await verify(options, accessToken, request);
        return { valid: true };
      } catch (error) {
        // A status is what makes it the service's word, not ours.
        if (error.status && ['unauthorized', 'banned', 'notFound'].includes(error.kind)) return { valid: false, reason: error.kind };
        throw error;
      }
    },
  };
};

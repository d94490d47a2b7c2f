// What every call has around its wasm function: what the caller hands in is read, the artifact is awaited, and a rejection becomes a SocialPlusError.
import { SocialPlusError } from './error.js';
import { readInput } from './input.js';
import { Session } from './session.js';

/** Makes calls: `run` is the wasm function, `make` makes what the caller gets of what it resolves to, `extra` is what only some calls take. */
export const caller = (ready) => (operation, run, make, extra) => async (options, request) => {
  const { list, report, ...asked } = readInput(operation, options, request, extra);
  await ready();
  let made;
  try {
    made = await run(list);
  } catch (fields) {
    // Anything without a kind is the engine's own failure.
    if (!fields?.kind) throw fields;
    const { kind, attempts, status } = fields;
    report?.('error', { attempt: attempts, ...(status && { status }), detail: kind });
    throw new SocialPlusError({ ...fields, operation });
  }
  return make(made, asked);
};

export const session = (fields, asked) => new Session(fields, asked);

/** The calls that both the browser and the edge have. */
export const common = (glue, call) => {
  const bearer = (operation, run) => {
    const send = call(operation, run, () => {}, { credential: 'accessToken' });
    // The signal is read where a getter that throws is caught.
    return (options, accessToken, given) => send(options, { accessToken, get signal() { return given?.signal; } });
  };
  const verify = bearer('verifySession', glue.verifySession);
  return {
    createSession: call('createSession', glue.createSession, session),
    revokeSession: bearer('revokeSession', glue.revokeSession),
    async verifySession(options, accessToken, given) {
      try {
        await verify(options, accessToken, given);
        return { valid: true };
      } catch (error) {
        // A status is what makes it the service's word, not ours.
        if (error.status && ['unauthorized', 'banned', 'notFound'].includes(error.kind)) return { valid: false, reason: error.kind };
        throw error;
      }
    },
  };
};

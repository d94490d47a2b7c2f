// Signs in the test user and a visitor, each only on request, and revokes their sessions.
import {
  createSession,
  createVisitorSession,
  revokeSession,
  signVisitor,
} from 'social-plus-auth/edge';
import { DEVICE_INFO } from '../service.js';
import { explainAnyFailure } from './call-failures.js';
import { failed, passed, skipped, warned } from './finding.js';
import { DOCTOR_ID } from './keys.js';
import { probe } from './probe.js';

/** @import { Session } from 'social-plus-auth/edge' */
/** @import { Finding } from './finding.js' */
/** @import { Context } from './index.js' */
/** @import { Outcome } from './probe.js' */

/**
 * Revokes the session of a successful sign-in, and reports both.
 *
 * @param {string} name
 * @param {Context} context
 * @param {Session} session
 * @param {string} signIn a sentence without its full stop
 */
const signOut = async (name, { service }, { accessToken }, signIn) => {
  const { error } = await probe(service, (options) => revokeSession(options, accessToken));
  return error
    ? warned(
        name,
        'sessionNotRevoked',
        `${signIn}, but the session could not be revoked (${error.kind}).`,
        'The session stays valid until it expires. Run the doctor again, or revoke it as an admin.',
      )
    : passed(name, `${signIn} and signed out again.`);
};

/**
 * Explains a failure that concerns the test user itself.
 *
 * @param {string} name
 * @param {Outcome<Session>} outcome
 */
const explainUser = (name, { error }) => {
  switch (error?.kind) {
    case 'banned':
      return failed(
        name,
        'userBanned',
        'The test user is globally banned.',
        'Lift the ban in the console, or pass another user with --user.',
      );
    case 'notFound':
      return failed(
        name,
        'userDeleted',
        'The test user was deleted.',
        'Pass another user with --user.',
      );
    case 'invalidRequest':
      return failed(
        name,
        'userIdRefused',
        `The id of the test user was rejected. ${error.message}`,
        'A user id has 1 to 50 characters and does not begin with ADMIN_ or DELETED_.',
      );
    default:
      return undefined;
  }
};

/**
 * @param {Context} context
 * @returns {Promise<Finding>}
 */
export const checkUserSession = async (context) => {
  const name = 'session';
  const { service, userId, authToken, keys } = context;
  const { apiKey } = keys;
  if (!userId)
    return skipped(name, 'Not checked: pass --user to sign in a test user (a new id is allowed).');
  if (!apiKey) return skipped(name, 'Not checked: no API key is set.');
  const outcome = await probe(service, (options) =>
    createSession(
      { ...options, apiKey },
      { userId, deviceId: DOCTOR_ID, deviceInfo: DEVICE_INFO, authToken },
    ),
  );
  const { error, value } = outcome;
  if (!error) {
    const how = authToken ? '' : ' without an auth token';
    return signOut(name, context, value, `The test user was signed in${how}`);
  }
  const finding = explainUser(name, outcome);
  if (finding) return finding;
  if (error.kind === 'secureModeRequired')
    return skipped(name, 'Not checked: secure mode is on, which needs a valid server key.');
  if (error.kind === 'unauthorized') {
    if (!authToken) return skipped(name, 'Not checked: the service does not know the API key.');
    return failed(
      name,
      'keysOfTwoNetworks',
      'The service rejects an auth token of this server key together with this API key.',
      'The keys probably belong to different networks: copy both from the same network.',
    );
  }
  return explainAnyFailure(name, outcome);
};

/**
 * @param {Context} context
 * @returns {Promise<Finding>}
 */
export const checkVisitorSession = async (context) => {
  const name = 'visitor';
  const { visitorSecret, apiKey } = context.keys;
  if (!context.tryVisitor)
    return skipped(name, 'Not checked: pass --visitor to sign in a visitor.');
  if (!apiKey) return skipped(name, 'Not checked: no API key is set.');
  const request = { deviceId: DOCTOR_ID, deviceInfo: DEVICE_INFO };
  const signature = visitorSecret ? await signVisitor({ visitorSecret }, request) : undefined;
  const outcome = await probe(context.service, (options) =>
    createVisitorSession({ ...options, apiKey }, { ...request, ...signature }),
  );
  const { error, value } = outcome;
  if (!error) {
    const how = signature ? 'with' : 'without';
    return signOut(name, context, value, `A visitor was signed in ${how} a signature`);
  }
  if (error.kind === 'forbidden') {
    return failed(
      name,
      'visitorsOff',
      'Visitor mode is off: the service rejects visitors.',
      'Ask social.plus support to enable visitor mode for this network.',
    );
  }
  if (error.kind === 'unauthorized') {
    return signature
      ? failed(
          name,
          'visitorSignatureRefused',
          "The service rejects the visitor's signature.",
          'Copy the visitor secret from the console again (Settings, Integrations), and check ' +
            "this machine's clock.",
        )
      : failed(
          name,
          'visitorSignatureMissing',
          'The service rejects a visitor without a signature: secure visitor mode is on.',
          'Set SOCIAL_PLUS_VISITOR_SECRET.',
        );
  }
  return explainAnyFailure(name, outcome);
};

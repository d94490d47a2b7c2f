// Signs in, where that was asked for: the test user, and a visitor. Both sessions are ended again.
import {
  createSession,
  createVisitorSession,
  revokeSession,
  signVisitor,
} from '../../edge/node.js';
import { common, unexpected } from './explain.js';
import { bad, good, skipped } from './finding.js';
import { DEVICE } from './keys.js';
import { probe } from './probe.js';

const deviceInfo = { kind: 'node' };

const revoke = (context, { accessToken }) =>
  probe(context, (options) => revokeSession(options, accessToken));

/** What may be said of a user. */
const standing = (name, { error, value }) => {
  if (error?.kind === 'banned' || value?.user?.isGlobalBan) {
    return bad(
      name,
      'userBanned',
      'The test user is globally banned.',
      'Lift the ban in the console, or name another user with --user.',
    );
  }
  if (error?.kind === 'notFound')
    return bad(name, 'userDeleted', 'The test user was deleted.', 'Name another user with --user.');
  if (error?.kind === 'invalidRequest')
    return bad(
      name,
      'userIdRefused',
      `The service refuses the test user's id. ${error.message}`,
      'A user id has 1 to 50 characters and begins with neither ADMIN_ nor DELETED_.',
    );
  return undefined;
};

export const session = async (context) => {
  const name = 'session';
  const { user, authToken, keys } = context;
  if (!user)
    return skipped(
      name,
      'Nobody was signed in: name a test user with --user to try it (an unknown one is created).',
    );
  if (!keys.apiKey) return skipped(name, 'There is no API key to sign in with.');
  const asked = await probe(context, (options) =>
    createSession(
      { ...options, apiKey: keys.apiKey },
      { userId: user, deviceId: DEVICE, deviceInfo, authToken },
    ),
  );
  const { error, value } = asked;
  if (!error) {
    await revoke(context, value);
    return good(
      name,
      `The test user was signed in${authToken ? '' : ' without an auth token'}, and out again.`,
    );
  }
  const finding = standing(name, asked);
  if (finding) return finding;
  if (error.kind === 'secureModeRequired')
    return skipped(name, 'Secure mode is on: signing in needs a server key that is taken.');
  if (error.kind === 'unauthorized' && authToken) {
    return bad(
      name,
      'keysOfTwoNetworks',
      'The auth token that the server key mints is not taken together with the API key.',
      'The keys are of two networks, most likely: copy both from the same one.',
    );
  }
  if (error.kind === 'unauthorized') return skipped(name, 'The API key is not known.');
  return common(name, asked) ?? unexpected(name, asked);
};

export const visitor = async (context) => {
  const name = 'visitor';
  const { visitorSecret, apiKey } = context.keys;
  if (!context.visitor || !apiKey)
    return skipped(name, 'No visitor was signed in: add --visitor to try it.');
  const request = { deviceId: DEVICE, deviceInfo };
  const signature = visitorSecret && (await signVisitor({ visitorSecret }, request));
  const asked = await probe(context, (options) =>
    createVisitorSession({ ...options, apiKey }, { ...request, ...signature }),
  );
  const { error, value } = asked;
  if (!error) {
    await revoke(context, value);
    return good(
      name,
      `A visitor was signed in ${signature ? 'with' : 'without'} a signature, and out again.`,
    );
  }
  if (error.kind === 'forbidden')
    return bad(
      name,
      'visitorsOff',
      'Visitors are not let in: visitor mode is off.',
      'The vendor turns it on for a network: ask the support of social.plus.',
    );
  if (error.kind === 'unauthorized' && signature) {
    return bad(
      name,
      'visitorSignatureRefused',
      "The visitor's signature is refused.",
      'Copy the visitor secret anew from the console (Settings, Integrations), and see that the clock is right.',
    );
  }
  if (error.kind === 'unauthorized')
    return bad(
      name,
      'visitorSignatureMissing',
      'A visitor without a signature is refused.',
      'Secure visitor mode is on: set SOCIAL_PLUS_VISITOR_SECRET.',
    );
  return common(name, asked) ?? unexpected(name, asked);
};

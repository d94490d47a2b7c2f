// `verify` and `revoke`: verify an access token, or end its session.
import { revokeSession, verifySession } from 'social-plus-auth/edge';
import { readAccessToken } from '../credentials.js';
import { printJson, printLine } from '../output.js';
import { readServiceOptions, SERVICE_OPTIONS } from '../service.js';

/** @import { Command } from '../arguments.js' */

const REASONS = {
  unauthorized: "it is wrong, expired, revoked, or replaced by its device's new session",
  banned: 'its user is globally banned',
  notFound: 'its user does not exist any more',
};

/** @type {Command} */
export const verify = {
  name: 'verify',
  about: 'Checks whether an access token is valid.',
  notes: ['Exit code 0: the token is valid; 1: it is not.'],
  options: SERVICE_OPTIONS,
  reads: ['accessToken'],
  examples: [
    'social-plus-auth session ada | social-plus-auth verify',
    'SOCIAL_PLUS_ACCESS_TOKEN=… social-plus-auth verify --json',
  ],
  async run({ values, flags }) {
    const verdict = await verifySession(await readServiceOptions(values), await readAccessToken());
    if (flags.has('json')) printJson(verdict);
    else printLine(verdict.valid ? 'valid' : `not valid: ${REASONS[verdict.reason]}`);
    return verdict.valid ? 0 : 1;
  },
};

/** @type {Command} */
export const revoke = {
  name: 'revoke',
  about: 'Ends the session of an access token (a logout).',
  notes: ['To end all sessions of a user, run admin revoke-user-sessions.'],
  options: SERVICE_OPTIONS,
  reads: ['accessToken'],
  examples: [
    'social-plus-auth revoke < token.txt',
    'SOCIAL_PLUS_ACCESS_TOKEN=… social-plus-auth revoke',
  ],
  async run({ values, flags }) {
    await revokeSession(await readServiceOptions(values), await readAccessToken());
    if (flags.has('json')) printJson({ revoked: true });
    else printLine('revoked');
  },
};

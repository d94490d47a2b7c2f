// `verify` and `revoke`: what becomes of an access token, which comes from the environment, a pipe
// or a prompt.
import { revokeSession, verifySession } from '../../edge/node.js';
import { accessToken } from '../credentials.js';
import { line, printJson } from '../output.js';
import { SERVICE_OPTIONS, serviceOptions } from '../service.js';

const reads = ['accessToken'];
const options = SERVICE_OPTIONS;

const REASONS = {
  unauthorized: 'it has expired, was revoked, or was replaced by a new session of its device',
  banned: 'its user is globally banned',
  notFound: 'its user is gone',
};

export const verify = {
  name: 'verify',
  about: 'Asks whether an access token is good. Exit code 0: it is; 1: it is not.',
  options,
  reads,
  examples: [
    'social-plus-auth session ada | social-plus-auth verify',
    'SOCIAL_PLUS_ACCESS_TOKEN=… social-plus-auth verify --json',
  ],
  async run({ values }) {
    const verdict = await verifySession(await serviceOptions(values), await accessToken());
    if (values.json) printJson(verdict);
    else line(verdict.valid ? 'valid' : `not valid: ${REASONS[verdict.reason]}`);
    return verdict.valid ? 0 : 1;
  },
};

export const revoke = {
  name: 'revoke',
  about:
    'Ends the session of an access token (a logout). All sessions of a user: admin revoke-user-sessions.',
  options,
  reads,
  examples: [
    'social-plus-auth revoke < token.txt',
    'SOCIAL_PLUS_ACCESS_TOKEN=… social-plus-auth revoke',
  ],
  async run({ values }) {
    await revokeSession(await serviceOptions(values), await accessToken());
    if (values.json) printJson({ revoked: true });
    else line('revoked');
  },
};

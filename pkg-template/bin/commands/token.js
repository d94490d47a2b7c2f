// `token`: mints an auth token.
import { createAuthToken } from 'social-plus-auth/edge';
import { readCredential, readUserId } from '../credentials.js';
import { printJson, printLine, printNote } from '../output.js';
import { CERTIFICATE_OPTIONS, readServiceOptions, SERVICE_OPTIONS } from '../service.js';

/** @import { Command } from '../arguments.js' */
/** @import { EdgeOptions } from 'social-plus-auth/edge' */

/** @type {Command} */
export const token = {
  name: 'token',
  takes: [{ name: '<userId>', optional: true }],
  about: 'Mints an auth token for a user (secure mode) and prints it.',
  notes: ['The token expires after ten minutes.'],
  options: {
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'api-version': {
      type: 'string',
      hint: 'v4|v3',
      about: 'the version of the token call (default: v4)',
    },
  },
  reads: ['serverKey'],
  examples: [
    'social-plus-auth token ada --region eu',
    'AUTH_TOKEN=$(social-plus-auth token ada)',
    'social-plus-auth token ada --json',
  ],
  async run({ values, flags, positionals }) {
    const userId = readUserId(positionals);
    const options = {
      ...(await readServiceOptions(values)),
      apiVersion: /** @type {EdgeOptions['apiVersion']} */ (values['api-version']),
      serverKey: await readCredential('serverKey'),
    };
    const authToken = await createAuthToken(options, { userId });
    if (flags.has('json')) return printJson(authToken);
    printLine(authToken.token);
    printNote(`The auth token for ${userId} expires at ${authToken.expiresAt.toISOString()}.`);
  },
};

// `token`: mints an auth token.
import { createAuthToken } from '../../edge/node.js';
import { credential, userIdOf } from '../credentials.js';
import { line, note, printJson } from '../output.js';
import { CERTIFICATE_OPTIONS, SERVICE_OPTIONS, serviceOptions } from '../service.js';

export const token = {
  name: 'token',
  takes: [{ name: '<userId>', optional: true }],
  about: 'Mints an auth token for a user (secure mode) and prints it. It is good for ten minutes.',
  options: {
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'api-version': { type: 'string', hint: 'v4|v3', about: 'default v4' },
  },
  reads: ['serverKey'],
  examples: [
    'social-plus-auth token ada --region eu',
    'AUTH_TOKEN=$(social-plus-auth token ada)',
    'social-plus-auth token ada --json',
  ],
  async run({ values, positionals }) {
    const userId = userIdOf(positionals);
    const options = {
      ...(await serviceOptions(values)),
      apiVersion: values['api-version'],
      serverKey: await credential('serverKey'),
    };
    const made = await createAuthToken(options, { userId });
    if (values.json) return printJson(made);
    line(made.token);
    note(`Good for ${userId} until ${made.expiresAt.toISOString()}.`);
  },
};

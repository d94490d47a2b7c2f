// `session`: signs a user in, in secure mode or without.
import { createSession, exchangeSession } from '../../edge/node.js';
import { credential, userIdOf } from '../credentials.js';
import { line, note, printJson } from '../output.js';
import { CERTIFICATE_OPTIONS, SERVICE_OPTIONS, serviceOptions } from '../service.js';

/** The device of the command line, where the caller names none. */
export const DEVICE = 'social-plus-auth-cli';

export const DEVICE_OPTION = {
  device: {
    type: 'string',
    hint: 'ID',
    about: `the device; default ${DEVICE}. Its present session ends`,
  },
};

/** What every kind of session prints. */
export const printSession = (made, json) => {
  if (json) return printJson(made);
  line(made.accessToken);
  note(`${made.userId} is signed in on ${made.deviceId} until ${made.expiresAt.toISOString()}.`);
};

export const session = {
  name: 'session',
  takes: [{ name: '<userId>', optional: true }],
  about:
    'Signs a user in and prints the access token: mints an auth token with the server key and redeems it.',
  notes: ['An unknown user is created.'],
  options: {
    unsecure: {
      type: 'boolean',
      about: 'without a server key: only while the network is not in secure mode',
    },
    ...DEVICE_OPTION,
    'display-name': { type: 'string', hint: 'NAME', about: 'the user gets this name' },
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'api-version': { type: 'string', hint: 'v5|v4|v3', about: 'of the session call; default v5' },
  },
  reads: ['apiKey', 'serverKey'],
  examples: [
    'social-plus-auth session ada --region eu',
    'social-plus-auth session ada --unsecure --device laptop',
    'social-plus-auth session ada | social-plus-auth verify',
  ],
  async run({ values, positionals }) {
    const userId = userIdOf(positionals);
    const service = { ...(await serviceOptions(values)), apiKey: await credential('apiKey') };
    const request = {
      userId,
      deviceId: values.device ?? DEVICE,
      displayName: values['display-name'],
      deviceInfo: { kind: 'node' },
    };
    const version = values['api-version'];
    const made = values.unsecure
      ? await createSession({ ...service, apiVersion: version }, request)
      : await exchangeSession(
          { ...service, sessionApiVersion: version, serverKey: await credential('serverKey') },
          request,
        );
    printSession(made, values.json);
  },
};

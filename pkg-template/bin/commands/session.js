// `session`: signs a user in, in secure mode or without it.
import { createSession, exchangeSession } from 'social-plus-auth/edge';
import { readCredential, readUserId } from '../credentials.js';
import { printJson, printLine, printNote } from '../output.js';
import {
  CERTIFICATE_OPTIONS,
  DEVICE_INFO,
  readServiceOptions,
  SERVICE_OPTIONS,
} from '../service.js';

/** @import { Command } from '../arguments.js' */
/** @import { ServiceOptions, Session } from 'social-plus-auth/edge' */

/** The device id that `session` and `bot` use if the command line contains none. */
export const DEFAULT_DEVICE_ID = 'social-plus-auth-cli';

/**
 * Prints the access token to standard output and a note to standard error, or the whole session as
 * JSON.
 *
 * @param {Session} session
 * @param {boolean} json
 */
export const printSession = (session, json) => {
  if (json) return printJson(session);
  const { accessToken, userId, deviceId, expiresAt } = session;
  printLine(accessToken);
  printNote(`${userId} is signed in on ${deviceId} until ${expiresAt.toISOString()}.`);
};

/** @type {Command} */
export const session = {
  name: 'session',
  takes: [{ name: '<userId>', optional: true }],
  about: 'Signs a user in and prints the access token.',
  notes: [
    'Mints an auth token with the server key and exchanges it for a session. The service creates',
    'the user if necessary.',
  ],
  options: {
    unsecure: {
      type: 'boolean',
      about: 'sign in without a server key; only while secure mode is off',
    },
    device: {
      type: 'string',
      hint: 'ID',
      about: `the device; its current session ends (default: ${DEFAULT_DEVICE_ID})`,
    },
    'display-name': { type: 'string', hint: 'NAME', about: 'the display name to set' },
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'api-version': {
      type: 'string',
      hint: 'v5|v4|v3',
      about: 'the version of the session call (default: v5)',
    },
  },
  reads: ['apiKey', 'serverKey'],
  examples: [
    'social-plus-auth session ada --region eu',
    'social-plus-auth session ada --unsecure --device laptop',
    'social-plus-auth session ada | social-plus-auth verify',
  ],
  async run({ values, flags, positionals }) {
    const userId = readUserId(positionals);
    const service = {
      ...(await readServiceOptions(values)),
      apiKey: await readCredential('apiKey'),
    };
    const request = {
      userId,
      deviceId: values.device ?? DEFAULT_DEVICE_ID,
      displayName: values['display-name'],
      deviceInfo: DEVICE_INFO,
    };
    const version = /** @type {ServiceOptions['apiVersion']} */ (values['api-version']);
    const created = flags.has('unsecure')
      ? await createSession({ ...service, apiVersion: version }, request)
      : await exchangeSession(
          {
            ...service,
            sessionApiVersion: version,
            serverKey: await readCredential('serverKey'),
          },
          request,
        );
    printSession(created, flags.has('json'));
  },
};

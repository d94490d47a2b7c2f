// `visitor` and `bot`: read-only sessions, and the signature for secure visitor mode.
import { createBotSession, createVisitorSession, signVisitor } from 'social-plus-auth/edge';
import { readCredential } from '../credentials.js';
import { parseDuration } from '../option-values.js';
import { printFields } from '../output.js';
import { DEVICE_INFO, readServiceOptions, SERVICE_OPTIONS } from '../service.js';
import { UsageError } from '../usage-error.js';
import { DEFAULT_DEVICE_ID, printSession } from './session.js';

/** @import { Command } from '../arguments.js' */

/** @type {Command} */
export const visitor = {
  name: 'visitor',
  takes: [{ name: '<deviceId>' }],
  about: "Prints a visitor's signature, or signs the visitor in with --session.",
  notes: ['Prints the signature with its expiry date, or the access token of the session.'],
  options: {
    'expires-in': {
      type: 'string',
      hint: 'DURATION',
      about: 'how long the signature is valid, like 90s, 15m, 24h (default: 1h)',
    },
    session: { type: 'boolean', about: 'create a session with the signature' },
    unsigned: {
      type: 'boolean',
      about: 'with --session: send no signature; only while secure visitor mode is off',
    },
    ...SERVICE_OPTIONS,
  },
  reads: ['visitorSecret', 'apiKey'],
  examples: [
    'social-plus-auth visitor kiosk-7 --expires-in 24h',
    'social-plus-auth visitor kiosk-7 --session --region eu',
    'social-plus-auth visitor kiosk-7 --session --unsigned --json',
  ],
  async run({ values, flags, positionals: [deviceId = ''] }) {
    const json = flags.has('json');
    if (flags.has('unsigned') && !flags.has('session'))
      throw new UsageError('--unsigned needs --session: without it the command only signs.');
    const expiresInMs = parseDuration(values, 'expires-in');
    const sign = async () =>
      signVisitor(
        { visitorSecret: await readCredential('visitorSecret') },
        { deviceId, expiresInMs },
      );
    if (!flags.has('session')) return printFields(await sign(), json);
    const service = {
      ...(await readServiceOptions(values)),
      apiKey: await readCredential('apiKey'),
    };
    const signature = flags.has('unsigned') ? {} : await sign();
    printSession(
      await createVisitorSession(service, { deviceId, deviceInfo: DEVICE_INFO, ...signature }),
      json,
    );
  },
};

/** @type {Command} */
export const bot = {
  name: 'bot',
  takes: [{ name: '<deviceId>', optional: true }],
  about: 'Signs a bot in and prints the access token.',
  notes: [`The default device is ${DEFAULT_DEVICE_ID}.`],
  options: SERVICE_OPTIONS,
  reads: ['apiKey'],
  examples: ['social-plus-auth bot crawler-1 --region eu', 'social-plus-auth bot --json'],
  async run({ values, flags, positionals: [deviceId = DEFAULT_DEVICE_ID] }) {
    const service = {
      ...(await readServiceOptions(values)),
      apiKey: await readCredential('apiKey'),
    };
    printSession(
      await createBotSession(service, { deviceId, deviceInfo: DEVICE_INFO }),
      flags.has('json'),
    );
  },
};

// `visitor` and `bot`: sessions that read only, and the signature that secure visitor mode wants.
import { createBotSession, createVisitorSession, signVisitor } from '../../edge/node.js';
import { duration } from '../arguments.js';
import { credential } from '../credentials.js';
import { printFields } from '../output.js';
import { Refusal } from '../refusal.js';
import { SERVICE_OPTIONS, serviceOptions } from '../service.js';
import { DEVICE, printSession } from './session.js';

const deviceInfo = { kind: 'node' };

export const visitor = {
  name: 'visitor',
  takes: [{ name: '<deviceId>' }],
  about:
    "Signs a visitor's device and prints the signature with its date; or signs the visitor in, and prints the access token.",
  options: {
    'expires-in': {
      type: 'string',
      hint: 'TIME',
      about: 'how long the signature is good, like 90s, 15m, 24h; default 1h',
    },
    session: { type: 'boolean', about: 'create the session too' },
    unsigned: {
      type: 'boolean',
      about: 'with --session: without a signature, if the network wants none',
    },
    ...SERVICE_OPTIONS,
  },
  reads: ['visitorSecret', 'apiKey'],
  examples: [
    'social-plus-auth visitor kiosk-7 --expires-in 24h',
    'social-plus-auth visitor kiosk-7 --session --region eu',
    'social-plus-auth visitor kiosk-7 --session --unsigned --json',
  ],
  async run({ values, positionals: [deviceId] }) {
    const { session, unsigned, json } = values;
    if (unsigned && !session)
      throw new Refusal('--unsigned goes with --session: there is nothing to print.');
    const expiresInMs = duration(values, 'expires-in');
    const service = session && {
      ...(await serviceOptions(values)),
      apiKey: await credential('apiKey'),
    };
    const signature = unsigned
      ? {}
      : await signVisitor(
          { visitorSecret: await credential('visitorSecret') },
          { deviceId, expiresInMs },
        );
    if (!session) return printFields(signature, json);
    printSession(await createVisitorSession(service, { deviceId, deviceInfo, ...signature }), json);
  },
};

export const bot = {
  name: 'bot',
  takes: [{ name: '<deviceId>', optional: true }],
  about: `Signs a bot in and prints the access token. The device is ${DEVICE}, unless one is named.`,
  options: SERVICE_OPTIONS,
  reads: ['apiKey'],
  examples: ['social-plus-auth bot crawler-1 --region eu', 'social-plus-auth bot --json'],
  async run({ values, positionals: [deviceId = DEVICE] }) {
    const service = { ...(await serviceOptions(values)), apiKey: await credential('apiKey') };
    printSession(await createBotSession(service, { deviceId, deviceInfo }), values.json);
  },
};

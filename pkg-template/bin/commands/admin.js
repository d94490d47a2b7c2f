// `admin`: one command for each administration call of the library.
import {
  getAdminToken,
  getNetwork,
  getSecurityConfig,
  getServerKeyInfo,
  issueAdminToken,
  issueServerKey,
  revokeAdminToken,
  revokeUserSessions,
  setNetworkPush,
  setSecureMode,
  setSecurityConfig,
} from 'social-plus-auth/edge';
import { readUserId } from '../credentials.js';
import { parseNumber, parseOnOff } from '../option-values.js';
import { printFields } from '../output.js';
import { CERTIFICATE_OPTIONS, SERVICE_OPTIONS } from '../service.js';
import { UsageError } from '../usage-error.js';
import { createAdminCommand, printAdminToken, printServerKey } from './admin-command.js';

/** @import { Arguments, Command } from '../arguments.js' */

const STATE = [{ name: '<on|off>' }];
const MAX_GRACE_HOURS = 1_000_000;

/** @param {Arguments} given */
const parseSecurityConfig = ({ values }) => {
  /** @param {string} name */
  const parseHours = (name) => parseNumber(values, name, 0, MAX_GRACE_HOURS);
  const scope = values['server-key-api-scope'];
  const config = {
    serverKey: {
      expiresInHours: parseHours('server-key-hours'),
      apiScopeEnabled:
        scope === undefined ? undefined : parseOnOff(scope, '--server-key-api-scope'),
    },
    adminToken: { expiresInHours: parseHours('admin-token-hours') },
  };
  const settings = Object.values(config).flatMap((part) => Object.values(part));
  if (settings.every((setting) => setting === undefined)) {
    throw new UsageError(
      'Nothing to set: pass at least one option. ' +
        'See social-plus-auth admin set-security-config --help.',
    );
  }
  return config;
};

/** @param {string} text */
const parsePushEvent = (text) => {
  const [, name, state] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (!name) throw new UsageError('--event must be NAME=on or NAME=off.');
  return { name, enabled: parseOnOff(state, 'The state in --event') };
};

export const adminCommands = [
  createAdminCommand({
    name: 'issue-admin-token',
    about: 'Issues a new admin token, valid for a year; the old one keeps its grace period.',
    prepare: () => issueAdminToken,
    print: printAdminToken,
  }),
  createAdminCommand({
    name: 'get-admin-token',
    about: 'Prints the current admin token.',
    prepare: () => getAdminToken,
    print: printAdminToken,
  }),
  createAdminCommand({
    name: 'revoke-admin-token',
    takes: [{ name: '<username>' }],
    about: 'Revokes the token of an administrator.',
    example: 'grace',
    prepare: ({ positionals: [username = ''] }) => {
      return (options) => revokeAdminToken(options, { username });
    },
  }),
  createAdminCommand({
    name: 'revoke-user-sessions',
    takes: [{ name: '<userId>', optional: true }],
    about: 'Ends every session of a user.',
    options: {
      'internal-id': {
        type: 'boolean',
        about: "the id is the service's internal id, not the app's",
      },
    },
    example: 'ada',
    prepare: ({ flags, positionals }) => {
      const userId = readUserId(positionals);
      const isPublic = flags.has('internal-id') ? false : undefined;
      return (options) => revokeUserSessions(options, { userId, isPublic });
    },
  }),
  createAdminCommand({
    name: 'issue-server-key',
    about: 'Issues a new server key; the old one keeps its grace period.',
    prepare: () => issueServerKey,
    print: printServerKey,
  }),
  createAdminCommand({
    name: 'get-server-key-info',
    about: 'Prints when the server key was last changed, and by whom.',
    prepare: () => getServerKeyInfo,
    print: printFields,
  }),
  createAdminCommand({
    name: 'get-security-config',
    about: 'Prints the grace periods of replaced keys and tokens.',
    prepare: () => getSecurityConfig,
    print: printFields,
  }),
  createAdminCommand({
    name: 'set-security-config',
    about: 'Sets the grace periods; a setting without an option stays as it is.',
    options: {
      'server-key-hours': {
        type: 'string',
        hint: 'HOURS',
        about: 'how long a replaced server key stays valid',
      },
      'server-key-api-scope': {
        type: 'string',
        hint: 'on|off',
        about: 'whether server keys are limited to API scopes',
      },
      'admin-token-hours': {
        type: 'string',
        hint: 'HOURS',
        about: 'how long a replaced admin token stays valid',
      },
    },
    example: '--server-key-hours 2',
    prepare: (given) => {
      const config = parseSecurityConfig(given);
      return (options) => setSecurityConfig(options, config);
    },
    print: printFields,
  }),
  createAdminCommand({
    name: 'get-network',
    about: 'Prints the settings of the network; useSecureAuthentication is secure mode.',
    prepare: () => getNetwork,
    print: printFields,
  }),
  createAdminCommand({
    name: 'set-secure-mode',
    takes: STATE,
    about: 'Turns secure mode on or off; while it is off, anyone can sign in as anyone.',
    example: 'on',
    prepare: ({ positionals: [state] }) => {
      const enabled = parseOnOff(state, 'Secure mode');
      return (options) => setSecureMode(options, { enabled });
    },
  }),
  createAdminCommand({
    name: 'set-network-push',
    takes: STATE,
    about: 'Turns the push notifications of the whole network on or off, for chat and social.',
    options: {
      event: {
        type: 'string',
        multiple: true,
        hint: 'NAME=on|off',
        about: 'the setting of one event; may be given up to 24 times',
      },
    },
    example: 'on --event chat-message.created=off',
    prepare: ({ lists, positionals: [state] }) => {
      const enabled = parseOnOff(state, 'Push');
      const events = lists.event?.map(parsePushEvent);
      return (options) => setNetworkPush(options, { enabled, events });
    },
  }),
];

/** @type {Command} */
export const admin = {
  name: 'admin',
  about: 'Administers the network with an admin token.',
  takes: [{ name: '<call>' }],
  calls: adminCommands.map((command) => ({ ...command, name: command.name.replace('admin ', '') })),
  options: { ...SERVICE_OPTIONS, ...CERTIFICATE_OPTIONS },
  reads: ['adminToken'],
  examples: [
    'social-plus-auth admin get-network --region eu',
    'social-plus-auth admin revoke-user-sessions ada',
    'social-plus-auth admin set-secure-mode --help',
  ],
  run() {
    throw new UsageError(
      'The name of the call must come before the options. See social-plus-auth admin --help.',
    );
  },
};

// `admin`: every call of an administrator, under the library's own name for it.
import * as edge from '../../edge/node.js';
import { number, onOff } from '../arguments.js';
import { credential, userIdOf } from '../credentials.js';
import { line, note, printFields, printJson } from '../output.js';
import { Refusal } from '../refusal.js';
import { CERTIFICATE_OPTIONS, SERVICE_OPTIONS, serviceOptions } from '../service.js';

const userId = [{ name: '<userId>', optional: true }];
const username = [{ name: '<username>' }];
const state = [{ name: '<on|off>' }];

/** Who has no result to show says that it was done. */
const done = (result, json) => (json ? printJson({ done: true }) : line('done'));

/** A new credential is the only thing on standard output. */
const adminToken = (made, json) => {
  if (json) return printJson(made);
  line(made.adminToken);
  note(`Issued ${made.issuedAt.toISOString()}, good until ${made.expiresAt.toISOString()}.`);
};
const serverKey = (made, json) => {
  if (json) return printJson({ serverKey: made });
  line(made);
  note('This is the only time that it is shown. The one before stays good for its grace period.');
};

const configOf = ({ values }) => {
  const expiresInHours = (name) => number(values, name, 0, 1_000_000);
  const scope = values['server-key-api-scope'];
  const asked = {
    serverKey: {
      expiresInHours: expiresInHours('server-key-hours'),
      apiScopeEnabled: scope && onOff(scope, '--server-key-api-scope'),
    },
    adminToken: { expiresInHours: expiresInHours('admin-token-hours') },
  };
  if (
    !Object.values(asked).some((part) => Object.values(part).some((value) => value !== undefined))
  ) {
    throw new Refusal(
      'There is nothing to set. See social-plus-auth admin set-security-config --help.',
    );
  }
  return asked;
};

const eventOf = (text) => {
  const [, name, enabled] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (!name) throw new Refusal('--event takes NAME=on or NAME=off.');
  return { name, enabled: onOff(enabled, '--event') };
};

const CALLS = [
  {
    call: 'issueAdminToken',
    name: 'issue-admin-token',
    about:
      'Issues a new admin token, good for a year. The present one stays good for its grace period.',
    print: adminToken,
  },
  {
    call: 'getAdminToken',
    name: 'get-admin-token',
    about: 'Prints the current admin token.',
    print: adminToken,
  },
  {
    call: 'revokeAdminToken',
    name: 'revoke-admin-token',
    takes: username,
    about: "Revokes an administrator's token.",
    request: ({ positionals: [name] }) => ({ username: name }),
    example: 'grace',
  },
  {
    call: 'revokeUserSessions',
    name: 'revoke-user-sessions',
    takes: userId,
    about: 'Ends every session of a user.',
    options: {
      'internal-id': {
        type: 'boolean',
        about: "the id is the service's internal one, not the app's",
      },
    },
    request: ({ values, positionals }) => ({
      userId: userIdOf(positionals),
      isPublic: values['internal-id'] ? false : undefined,
    }),
    example: 'ada',
  },
  {
    call: 'issueServerKey',
    name: 'issue-server-key',
    about: 'Issues a new server key. The present one stays good for its grace period.',
    print: serverKey,
  },
  {
    call: 'getServerKeyInfo',
    name: 'get-server-key-info',
    about: 'Tells when the server key was last changed, and by whom.',
    print: printFields,
  },
  {
    call: 'getSecurityConfig',
    name: 'get-security-config',
    about: 'Prints the grace periods.',
    print: printFields,
  },
  {
    call: 'setSecurityConfig',
    name: 'set-security-config',
    about: 'Sets the grace periods. What is left out stays.',
    options: {
      'server-key-hours': {
        type: 'string',
        hint: 'HOURS',
        about: 'how long a replaced server key stays good',
      },
      'server-key-api-scope': {
        type: 'string',
        hint: 'on|off',
        about: 'whether server keys are limited to the scopes of the API',
      },
      'admin-token-hours': {
        type: 'string',
        hint: 'HOURS',
        about: 'how long a replaced admin token stays good',
      },
    },
    request: configOf,
    print: printFields,
    example: '--server-key-hours 2',
  },
  {
    call: 'getNetwork',
    name: 'get-network',
    about: "Prints the network's settings; secure mode is useSecureAuthentication.",
    print: printFields,
  },
  {
    call: 'setSecureMode',
    name: 'set-secure-mode',
    takes: state,
    about: 'Switches secure mode. Off, anyone with the API key can be anyone.',
    request: ({ positionals: [text] }) => ({ enabled: onOff(text, 'Secure mode') }),
    example: 'on',
  },
  {
    call: 'setNetworkPush',
    name: 'set-network-push',
    takes: state,
    about:
      'Switches push notifications of the whole network. Off silences chat and social events at once.',
    options: {
      event: {
        type: 'string',
        multiple: true,
        hint: 'NAME=on|off',
        about: 'one event; up to 24 of them',
      },
    },
    request: ({ values, positionals: [text] }) => ({
      enabled: onOff(text, 'Push'),
      events: values.event?.map(eventOf),
    }),
    example: 'on --event chat-message.created=off',
  },
];

const command = ({
  call,
  name,
  takes,
  about,
  options,
  request = () => ({}),
  print = done,
  example,
}) => ({
  name: `admin ${name}`,
  takes,
  about,
  options: { ...options, ...SERVICE_OPTIONS, ...CERTIFICATE_OPTIONS },
  reads: ['adminToken'],
  examples: [['social-plus-auth admin', name, example, '--region eu'].filter(Boolean).join(' ')],
  async run(given) {
    // What was typed is read first: nobody is asked for a token in vain.
    const asked = request(given);
    const service = await serviceOptions(given.values);
    print(
      await edge[call]({ ...service, adminToken: await credential('adminToken') }, asked),
      given.values.json,
    );
  },
});

export const adminCalls = CALLS.map(command);

export const admin = {
  name: 'admin',
  about: 'Administers the network, with an admin token.',
  takes: [{ name: '<call>' }],
  calls: CALLS,
  options: { ...SERVICE_OPTIONS, ...CERTIFICATE_OPTIONS },
  reads: ['adminToken'],
  examples: [
    'social-plus-auth admin get-network --region eu',
    'social-plus-auth admin revoke-user-sessions ada',
    'social-plus-auth admin set-secure-mode --help',
  ],
  run() {
    throw new Refusal(
      'The call comes first, before the options. See social-plus-auth admin --help.',
    );
  },
};

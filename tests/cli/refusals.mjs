// Help, exit codes of what was not asked rightly, keys that are no arguments, and the prompt.
import { equal, fail, match } from '../conformance/harness.mjs';
import { cli, emulated, guardPrinted, npx, onTerminal, withEmulator } from './command.mjs';

const COMMANDS = [
  'emulator',
  'doctor',
  'token',
  'session',
  'verify',
  'revoke',
  'visitor',
  'bot',
  'admin',
  'admin get-network',
  'admin set-security-config',
];

/** Secrets as they look; none of them is one. */
const KEYS = {
  'an API key': '0123456789abcdef0123456789abcdef0123456789abcdef',
  'an auth token': 's9qne0wEqVb2e05271177748659f574a4e8ab85e08a',
  'a JWT': 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjp7fX0.c2lnbmF0dXJl',
  'a private key': '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----',
};

const FORBIDDEN = [
  '--server-key=x',
  '--api-key',
  '--key',
  '--token',
  '--access-token=x',
  '--admin-token',
  '--visitor-secret',
  '--secret',
  '--password',
  '--cookie',
];

const help = (test) => {
  test('--help and --version', async () => {
    const { status, stdout } = await npx(['--help']);
    equal(status, 0, 'status');
    for (const command of COMMANDS.filter((name) => !name.includes(' ')))
      match(stdout, new RegExp(`^  ${command} +\\S`, 'm'), command);
    match(stdout, /Exit codes: 0 .* 1 .* 2 /, 'exit codes');
    equal((await cli(['help'])).stdout, stdout, 'help');
    match((await cli(['--version'])).stdout, /^\d+\.\d+\.\d+\S*\n$/, 'version');
  });
  for (const command of COMMANDS) {
    test(`${command} --help has examples, and asks for nothing`, async () => {
      const words = command.split(' ');
      const { status, stdout, stderr } = await cli([...words, '--help']);
      equal([status, stderr], [0, ''], 'status, standard error');
      match(stdout, new RegExp(`^Usage: social-plus-auth ${command}`), 'usage');
      match(
        stdout,
        new RegExp(`^Examples:\n( .*\n)*  .*social-plus-auth ${command}`, 'm'),
        'examples',
      );
      match(stdout, /--json/, 'options');
      equal((await cli(['help', ...words])).stdout, stdout, 'help command');
    });
  }
};

const usage = (test) => {
  const wrong = [
    [[], /^Usage: /],
    [['tokens'], /no such command/],
    [['token'], /<userId> is missing/],
    [['token', 'ada', 'grace'], /more arguments/],
    [['token', 'ada', '--regoin', 'eu'], /no such option --regoin/],
    [['token', 'ada', '--region'], /--region needs a value/],
    [['token', 'ada', '--region', '--json'], /--region needs a value/],
    [['token', 'ada', '--json=yes'], /--json takes no value/],
    [['token', 'ada'], /where the service is/],
    [['token', 'ada', '--region', 'eu', '--endpoint', 'https://a.test'], /in one way/],
    [['token', 'ada', '--region', 'eu', '--timeout', 'soon'], /--timeout takes a number/],
    [['token', 'ada', '--region', 'eu', '--client-cert', 'nowhere.pem'], /the key is missing/],
    [
      [
        'token',
        'ada',
        '--region',
        'eu',
        '--client-cert',
        'nowhere.pem',
        '--client-key',
        'nowhere.pem',
      ],
      /cannot be read \(ENOENT\)/,
    ],
    [['visitor', 'd', '--unsigned'], /--unsigned goes with --session/],
    [['visitor', 'd', '--expires-in', 'soon'], /a time like 90s/],
    [
      ['token', 'ada', '--region', 'eu'],
      /^The server key is missing: set SOCIAL_PLUS_SERVER_KEY \(there is no terminal to ask on\)\.\n$/,
    ],
    [['session', 'ada', '--region', 'eu'], /API key is missing: set SOCIAL_PLUS_API_KEY/],
    [['visitor', 'd'], /visitor secret is missing: set SOCIAL_PLUS_VISITOR_SECRET/],
    [
      ['admin', 'get-network', '--region', 'eu'],
      /admin token is missing: set SOCIAL_PLUS_ADMIN_TOKEN/,
    ],
    [
      ['verify', '--region', 'eu'],
      /access token is missing: set SOCIAL_PLUS_ACCESS_TOKEN, or pipe it in/,
    ],
  ];
  for (const [args, sentence] of wrong) {
    test(`${['social-plus-auth', ...args].join(' ')}: 2, and says ${sentence}`, async () => {
      const { status, stdout, stderr } = await cli(args);
      equal([status, stdout], [2, ''], 'status, standard output');
      match(stderr, sentence, 'standard error');
    });
  }
  test('a usage error with --json is an object', async () => {
    const { status, stderr } = await cli(['token', '--json']);
    equal([status, JSON.parse(stderr).error.kind], [2, 'usage'], 'status, kind');
  });
  test('a key from a pipe is not taken for the one from a terminal', async () => {
    const { status, stderr } = await cli(['token', 'ada', '--region', 'eu'], {
      input: `${guardPrinted('a-server-key-from-a-pipe')}\n`,
    });
    equal(status, 2, 'status');
    match(stderr, /no terminal to ask on/, 'standard error');
  });
};

const keys = (test) => {
  const refused = async (args, env) => {
    const { status, stdout, stderr } = await cli(args, { env });
    equal([status, stdout], [2, ''], 'status, standard output');
    match(stderr, /never arguments|no arguments here/, 'standard error');
    match(stderr, /SOCIAL_PLUS_SERVER_KEY/, 'what to do instead');
    for (const word of args.slice(1))
      if (word.length > 20 && stderr.includes(word)) fail('the argument is repeated');
  };
  for (const [what, key] of Object.entries(KEYS)) {
    test(`${what} as an argument is refused and not repeated`, async () => {
      for (const args of [
        ['token', key],
        ['verify', '--endpoint', key],
        ['verify', `--endpoint=https://a.test/${key}`],
        ['visitor', 'd', '--expires-in', key],
      ])
        await refused(args);
    });
  }
  for (const option of FORBIDDEN)
    test(`${option} is refused with a sentence`, () => refused(['token', 'ada', option, 'x']));
  test('what the environment has as a key is refused as an argument, however it looks', () =>
    refused(['token', 'my-short-key'], { SOCIAL_PLUS_SERVER_KEY: 'my-short-key' }));
  test(
    'user ids that are UUIDs or hashes are none',
    withEmulator({}, async ({ emulator, env }) => {
      for (const userId of [
        '7b8e3a52-9f0c-4d1e-8a6b-2c3d4e5f6a7b',
        'da39a3ee5e6b4b0d3255bfef95601890afd80709',
        'd41d8cd98f00b204e9800998ecf8427e',
      ]) {
        equal((await cli(['token', userId], { env })).status, 0, 'status');
        equal(emulator.requests.at(-1).body.userId, userId, 'userId');
      }
    }),
  );
};

const QUESTION = /server key: $/;

const prompt = (test) => {
  test('on a terminal the key is asked for, and not shown', async () => {
    const { server, emulator, without } = await emulated();
    try {
      const { status, stdout } = await onTerminal(
        ['token', 'ada', '--json'],
        [[QUESTION, `${emulator.serverKey}\r`]],
        without('SOCIAL_PLUS_SERVER_KEY'),
      );
      equal(status, 0, 'status');
      match(stdout, /^server key: \s*\{"token":"[^"]+","userId":"ada"/, 'what the terminal shows');
    } finally {
      await server.close();
    }
  });
  test('on a terminal an empty answer is 2', async () => {
    const { status, stdout } = await onTerminal(['token', 'ada'], [[QUESTION, '\r']], {
      SOCIAL_PLUS_REGION: 'eu',
    });
    equal(status, 2, 'status');
    match(
      stdout,
      /The server key is missing: set SOCIAL_PLUS_SERVER_KEY\./,
      'what the terminal shows',
    );
  });
  test('Ctrl-C at the question ends the command', async () =>
    equal(
      (await onTerminal(['token', 'ada'], [[QUESTION, '\x03']], { SOCIAL_PLUS_REGION: 'eu' }))
        .status,
      130,
      'status',
    ));
};

export const refusals = ({ test }) => {
  help(test);
  usage(test);
  keys(test);
  prompt(test);
};

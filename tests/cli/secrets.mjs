// Tests that keys and tokens are rejected as arguments, and hidden when they are typed on a
// terminal.
import { equal, fail, match } from '../conformance/harness.mjs';
import {
  runCli,
  expectUsageError,
  runOnTerminal,
  startEmulator,
  withEmulator,
} from './command.mjs';

/** Invented texts in the format of real secrets. */
const KEYS = {
  'an API key': '0123456789abcdef0123456789abcdef0123456789abcdef',
  'an auth token': 's9qne0wEqVb2e05271177748659f574a4e8ab85e08a',
  'a JWT': 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjp7fX0.c2lnbmF0dXJl',
  'a private key': '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----',
};

const SECRET_OPTIONS = [
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

/** Checks that the arguments are rejected, and that the message repeats no long argument. */
const expectRejected = async (args, env) => {
  const result = await runCli(args, { env });
  expectUsageError(result, /other users of this machine could read/);
  match(
    result.stderr,
    /environment variable \(.*SOCIAL_PLUS_SERVER_KEY/,
    'the suggested environment variables',
  );
  for (const word of args.slice(1))
    if (word.length > 20 && result.stderr.includes(word)) fail('the message repeats an argument');
};

const testArguments = (test) => {
  for (const [label, key] of Object.entries(KEYS)) {
    test(`rejects ${label} as an argument and does not repeat it`, async () => {
      await expectRejected(['token', key]);
      await expectRejected(['verify', '--endpoint', key]);
      await expectRejected(['verify', `--endpoint=https://a.test/${key}`]);
      await expectRejected(['visitor', 'd', '--expires-in', key]);
    });
  }
  for (const option of SECRET_OPTIONS)
    test(`rejects the option ${option}`, () => expectRejected(['token', 'ada', option, 'x']));
  test('rejects an argument that equals a key in the environment', () =>
    expectRejected(['token', 'my-short-key'], { SOCIAL_PLUS_SERVER_KEY: 'my-short-key' }));
  test(
    'accepts user ids that are UUIDs or hashes',
    withEmulator({}, async ({ emulator, env }) => {
      for (const userId of [
        '7b8e3a52-9f0c-4d1e-8a6b-2c3d4e5f6a7b',
        'da39a3ee5e6b4b0d3255bfef95601890afd80709',
        'd41d8cd98f00b204e9800998ecf8427e',
      ]) {
        equal((await runCli(['token', userId], { env })).status, 0, `exit code for ${userId}`);
        equal(emulator.requests.at(-1).body.userId, userId, 'user id in the request');
      }
    }),
  );
};

const QUESTION = /server key: $/;
const REGION = { SOCIAL_PLUS_REGION: 'eu' };

const testPrompts = (test) => {
  test('asks for a missing key on a terminal and does not echo it', async () => {
    const { server, emulator, envWithout } = await startEmulator();
    try {
      const { status, stdout } = await runOnTerminal(
        ['token', 'ada', '--json'],
        [[QUESTION, `${emulator.serverKey}\r`]],
        envWithout('SOCIAL_PLUS_SERVER_KEY'),
      );
      equal(status, 0, 'exit code');
      match(stdout, /^server key: \s*\{"token":"[^"]+","userId":"ada"/, 'text on the terminal');
    } finally {
      await server.close();
    }
  });
  test('treats an empty answer on the terminal as a missing key', async () => {
    const { status, stdout } = await runOnTerminal(['token', 'ada'], [[QUESTION, '\r']], REGION);
    equal(status, 2, 'exit code');
    match(
      stdout,
      /The server key is missing: set SOCIAL_PLUS_SERVER_KEY\./,
      'text on the terminal',
    );
  });
  test('exits with code 130 if Ctrl-C is pressed at the question', async () => {
    const { status } = await runOnTerminal(['token', 'ada'], [[QUESTION, '\x03']], REGION);
    equal(status, 130, 'exit code');
  });
};

export const testSecrets = ({ test }) => {
  testArguments(test);
  testPrompts(test);
};

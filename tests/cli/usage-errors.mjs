// Tests commands with wrong arguments or a missing credential: they exit with code 2 and print only
// to standard error.
import { equal, match } from '../conformance/harness.mjs';
import { runCli, expectUsageError, guard, withEmulator } from './command.mjs';

const EU = ['--region', 'eu'];

/** Arguments and the error message that they must produce. */
const CASES = [
  [[], /^Usage: /],
  [['tokens'], /^Unknown command/],
  [['token'], /^<userId> is missing/],
  [['token', 'ada', 'grace'], /^Too many arguments: .* takes 1 \(got 2\)/],
  [['token', 'ada', '--regoin', 'eu'], /^Unknown option --regoin/],
  [['token', 'ada', '--region'], /^--region needs a value/],
  [['token', 'ada', '--region', '--json'], /--region needs a value/],
  [['token', 'ada', '--json=yes'], /--json takes no value/],
  [['token', 'ada'], /^Pass exactly one of --region and --endpoint/],
  [['token', 'ada', ...EU, '--endpoint', 'https://a.test'], /^Pass exactly one of/],
  [['token', 'ada', ...EU, '--timeout', 'soon'], /^--timeout must be a number/],
  [['token', 'ada', ...EU, '--timeout', '700'], /from 0\.001 to 600 \(got 700\)/],
  [['token', 'ada', ...EU, '--client-cert', 'nowhere.pem'], /the key is missing/],
  [
    ['token', 'ada', ...EU, '--client-cert', 'nowhere.pem', '--client-key', 'nowhere.pem'],
    /^Cannot read the client certificate file nowhere\.pem \(ENOENT\)/,
  ],
  [['visitor', 'd', '--unsigned'], /^--unsigned needs --session/],
  [['visitor', 'd', '--expires-in', 'soon'], /^--expires-in must be a duration like 90s/],
  [['token', 'ada', ...EU], /^The server key is missing: set SOCIAL_PLUS_SERVER_KEY/],
  [['session', 'ada', ...EU], /^The API key is missing: set SOCIAL_PLUS_API_KEY/],
  [['visitor', 'd'], /^The visitor secret is missing: set SOCIAL_PLUS_VISITOR_SECRET/],
  [['admin', 'get-network', ...EU], /^The admin token is missing: set SOCIAL_PLUS_ADMIN_TOKEN/],
  [
    ['verify', ...EU],
    /^The access token is missing: set SOCIAL_PLUS_ACCESS_TOKEN, or pipe the token in/,
  ],
];

export const testUsageErrors = ({ test }) => {
  for (const [args, message] of CASES) {
    test(`rejects \`${['social-plus-auth', ...args].join(' ')}\`: ${message}`, async () =>
      expectUsageError(await runCli(args), message));
  }
  test('reports a usage error as JSON with --json', async () => {
    const { status, stderr } = await runCli(['token', '--json']);
    equal(status, 2, 'exit code');
    equal(JSON.parse(stderr).error.kind, 'usage', 'error kind');
  });
  test('does not read a server key from a pipe', async () => {
    const input = `${guard('a-server-key-from-a-pipe')}\n`;
    const result = await runCli(['token', 'ada', ...EU], { input });
    expectUsageError(result, /run the command on a terminal to be prompted/);
  });
  test(
    'reports a usage error, and sends nothing, if the library rejects an argument or an option',
    withEmulator({}, async ({ emulator, env }) => {
      for (const args of [
        ['token', 'a'.repeat(30) + ' '.repeat(30)],
        ['token', 'ada', '--api-version', 'v9'],
        ['session', 'ADMIN_ada'],
        ['visitor', 'd', '--session', '--region', 'mars'],
      ]) {
        const { status, stderr } = await runCli(args, { env });
        equal(status, 2, `exit code of ${args[0]}`);
        match(stderr, /^[^\n]+\n$/, `standard error of ${args[0]}`);
      }
      equal(emulator.requests.length, 0, 'number of requests');
    }),
  );
  test(
    'rejects admin calls with wrong arguments, and sends nothing',
    withEmulator({}, async ({ emulator, env }) => {
      for (const args of [
        [],
        ['--json', 'get-network'],
        ['get-everything'],
        ['set-secure-mode'],
        ['set-secure-mode', 'maybe'],
        ['set-security-config'],
        ['set-security-config', '--server-key-hours', 'two'],
        ['set-security-config', '--server-key-hours=-2'],
        ['set-network-push', 'on', '--event', 'a'],
        ['get-network', 'ada'],
        ['revoke-admin-token'],
      ]) {
        const { status, stdout, stderr } = await runCli(['admin', ...args], { env });
        equal(status, 2, `exit code of admin ${args.join(' ')}`);
        equal(stdout, '', `standard output of admin ${args.join(' ')}`);
        match(stderr, /.{10,}/, `standard error of admin ${args.join(' ')}`);
      }
      equal(emulator.requests.length, 0, 'number of requests');
    }),
  );
};

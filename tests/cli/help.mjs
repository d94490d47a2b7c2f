// Tests the help texts and the version.
import { equal, match, ok } from '../conformance/harness.mjs';
import { runCli, expectSuccess, runNpx } from './command.mjs';

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
];
const ADMIN_CALLS = [
  'get-admin-token',
  'get-network',
  'get-security-config',
  'get-server-key-info',
  'issue-admin-token',
  'issue-server-key',
  'revoke-admin-token',
  'revoke-user-sessions',
  'set-network-push',
  'set-secure-mode',
  'set-security-config',
];
const MAX_LINE_LENGTH = 100;

export const testHelp = ({ test }) => {
  test('--help lists every command and the exit codes', async () => {
    const stdout = expectSuccess(await runNpx(['--help']));
    for (const command of COMMANDS)
      match(stdout, new RegExp(`^  ${command} +\\S`, 'm'), `line of ${command}`);
    match(stdout, /Exit codes: 0 .* 1 .* 2 /, 'exit codes');
  });
  test('help prints the same as --help', async () => {
    const stdout = expectSuccess(await runCli(['--help']));
    equal(expectSuccess(await runCli(['help'])), stdout, 'standard output');
  });
  test('--version prints the version', async () =>
    match(expectSuccess(await runCli(['--version'])), /^\d+\.\d+\.\d+\S*\n$/, 'standard output'));
  test('admin --help lists every call', async () => {
    const stdout = expectSuccess(await runNpx(['admin', '--help']));
    const names = [...stdout.matchAll(/^ {2}((?:get|set|issue|revoke)-[a-z-]+) /gm)];
    equal(names.map(([, name]) => name).sort(), ADMIN_CALLS, 'calls');
  });
  for (const command of [...COMMANDS, ...ADMIN_CALLS.map((name) => `admin ${name}`)]) {
    test(`${command} --help shows the usage, options and examples`, async () => {
      const words = command.split(' ');
      const { stderr, ...result } = await runCli([...words, '--help']);
      const stdout = expectSuccess({ stderr, ...result });
      equal(stderr, '', 'standard error');
      match(stdout, new RegExp(`^Usage: social-plus-auth ${command}`), 'usage');
      const example = new RegExp(`^Examples:\n( .*\n)*  .*social-plus-auth ${command}`, 'm');
      match(stdout, example, 'examples');
      match(stdout, /--json/, 'options');
      const longest = Math.max(...stdout.split('\n').map(({ length }) => length));
      ok(longest <= MAX_LINE_LENGTH, `the longest line has ${longest} characters`);
      equal(expectSuccess(await runCli(['help', ...words])), stdout, `help ${command}`);
    });
  }
};

// Tests that the command line sends no key to an attacker's server, even if the attacker chooses an
// argument, such as a user id that a script passes.
import { equal } from '../conformance/harness.mjs';
import { expectSuccess, expectUsageError, runCli, withEmulator, withServer } from './command.mjs';

/**
 * Returns a test body that runs `body` with the address of an attacker's server and the list of the
 * requests that this server receives.
 */
const withTrap = (body) => async () => {
  const received = [];
  const trap = (incoming, outgoing) => {
    received.push(incoming.url);
    outgoing.writeHead(500).end();
  };
  await withServer(trap, async (url) => body(url, received));
};

export const testInjection = ({ test }) => {
  const KEYS = {
    SOCIAL_PLUS_API_KEY: 'an-api-key',
    SOCIAL_PLUS_SERVER_KEY: 'a-server-key',
    SOCIAL_PLUS_ADMIN_TOKEN: 'an-admin-token',
    SOCIAL_PLUS_USER_ID: 'ada',
  };
  const addresses = [{ SOCIAL_PLUS_REGION: 'eu' }, { SOCIAL_PLUS_ENDPOINT: 'https://a.invalid' }];
  const commands = [['bot'], ['token'], ['session'], ['doctor'], ['admin', 'get-network']];
  for (const address of addresses) {
    const [variable] = Object.keys(address);
    for (const command of commands) {
      test(
        `\`${command.join(' ')}\` sends no key to an injected --endpoint= if ${variable} is set`,
        withTrap(async (url, received) => {
          const env = { ...KEYS, ...address };
          const result = await runCli([...command, `--endpoint=${url}`], { env });
          equal(received, [], 'requests to the injected endpoint');
          expectUsageError(result, new RegExp(`^--endpoint differs from ${variable}`));
        }),
      );
    }
  }
  test(
    'sends no key to an injected --endpoint after another --endpoint',
    withTrap(async (url, received) => {
      for (const injected of [[`--endpoint=${url}`], ['--endpoint', url]]) {
        const args = ['token', 'ada', '--endpoint', 'https://a.invalid', ...injected];
        const result = await runCli(args, { env: KEYS });
        equal(received, [], 'requests to the injected endpoint');
        expectUsageError(result, /^--endpoint is given twice/);
      }
    }),
  );
  test(
    'takes an argument after `--` as an operand, even if it looks like an option',
    withEmulator({}, async ({ emulator, env }) => {
      const operand = '--endpoint=https://a.invalid';
      expectSuccess(await runCli(['token', '--', operand], { env }));
      equal(emulator.requests.at(-1).body.userId, operand, 'user id in the request');
    }),
  );
  test(
    'accepts an --endpoint that equals the one in the environment',
    withEmulator({}, async ({ env }) => {
      const args = ['token', 'ada', '--endpoint', env.SOCIAL_PLUS_ENDPOINT];
      expectSuccess(await runCli(args, { env }));
    }),
  );
};

// Tests the calls of the `admin` command.
import { equal, match } from '../conformance/harness.mjs';
import {
  runCli,
  expectFailure,
  expectSuccess,
  guardOutput,
  runNpx,
  withEmulator,
} from './command.mjs';

/** Runs an admin call that must succeed, and returns its standard output. */
const runCall = async (args, options) => expectSuccess(await runCli(['admin', ...args], options));

const testGetCalls = (test) => {
  test(
    'the get calls print JSON with --json',
    withEmulator({}, async ({ env }) => {
      const options = { env, prints: [env.SOCIAL_PLUS_ADMIN_TOKEN] };
      const read = async (call) => JSON.parse(await runCall([call, '--json'], options));
      equal((await read('get-network')).useSecureAuthentication, true, 'get-network');
      const config = await read('get-security-config');
      equal(config.adminToken, { expiresInHours: 24 }, 'get-security-config');
      equal((await read('get-server-key-info')).updatedBy, 'root', 'get-server-key-info');
      const { adminToken } = await read('get-admin-token');
      equal(adminToken, env.SOCIAL_PLUS_ADMIN_TOKEN, 'get-admin-token');
    }),
  );
  test(
    'the get calls print one line per field without --json',
    withEmulator({}, async ({ env }) =>
      match(
        await runCall(['get-server-key-info'], { env }),
        /^updatedAt: \d{4}-.*Z\nupdatedBy: root\n$/,
        'standard output',
      ),
    ),
  );
};

const testIssueCalls = (test) => {
  test(
    'issue-server-key prints only a new key to standard output, and the key works',
    withEmulator({}, async ({ emulator, env }) => {
      const stdout = expectSuccess(await runNpx(['admin', 'issue-server-key'], { env }));
      equal(stdout.trim() === emulator.serverKey, true, 'whether the printed key is the new key');
      guardOutput(stdout);
      const envWithNewKey = { ...env, SOCIAL_PLUS_SERVER_KEY: stdout };
      expectSuccess(await runCli(['token', 'ada'], { env: envWithNewKey }));
      const json = await runCall(['issue-server-key', '--json'], { env });
      equal(
        JSON.parse(json).serverKey === emulator.serverKey,
        true,
        'whether the key in JSON is the new key',
      );
    }),
  );
  test(
    'issue-admin-token prints only a new token to standard output, and the token works',
    withEmulator({}, async ({ emulator, env }) => {
      const result = await runCli(['admin', 'issue-admin-token'], { env });
      const stdout = expectSuccess(result);
      equal(
        stdout.trim() === emulator.adminToken,
        true,
        'whether the printed token is the new token',
      );
      guardOutput(stdout);
      match(result.stderr, /expires at \d{4}-/, 'standard error');
      await runCall(['get-network'], { env: { ...env, SOCIAL_PLUS_ADMIN_TOKEN: stdout } });
    }),
  );
  test(
    'issue-server-key is not retried when the response is lost',
    withEmulator({}, async ({ emulator, env }) => {
      emulator.faults.add({ path: '/api/v3/networks/server-key', drop: 'afterHandling' });
      expectFailure(await runCli(['admin', 'issue-server-key'], { env }), /\(network, /);
      equal(emulator.requests.length, 1, 'number of requests');
    }),
  );
};

const testRevokeCalls = (test) => {
  test(
    'revoke-user-sessions ends the sessions of a user',
    withEmulator({}, async ({ emulator, env }) => {
      await runCli(['session', 'ada'], { env });
      equal(await runCall(['revoke-user-sessions', 'ada'], { env }), 'done\n', 'standard output');
      const [session] = emulator.sessions();
      equal(session.valid, false, 'validity of the session');
    }),
  );
  test(
    'revoke-user-sessions fails for an unknown internal id',
    withEmulator({}, async ({ env }) => {
      const args = ['admin', 'revoke-user-sessions', 'grace', '--internal-id'];
      expectFailure(await runCli(args, { env }), /\(notFound, HTTP 404/);
    }),
  );
  test(
    "revoke-admin-token revokes the caller's own token, but no other token",
    withEmulator({}, async ({ env }) => {
      expectFailure(await runCli(['admin', 'revoke-admin-token', 'root'], { env }), /\(forbidden/);
      const stdout = await runCall(['revoke-admin-token', 'admin', '--json'], { env });
      equal(stdout, '{"done":true}\n', 'standard output');
      expectFailure(await runCli(['admin', 'get-network'], { env }), /admin token/);
    }),
  );
};

const testSetCalls = (test) => {
  test(
    'set-security-config sets the given settings and keeps the others',
    withEmulator({}, async ({ env }) => {
      const hours = ['--server-key-hours', '2'];
      const scope = ['--server-key-api-scope', 'on'];
      const stdout = await runCall(['set-security-config', ...hours, ...scope, '--json'], { env });
      const expected = {
        serverKey: { expiresInHours: 2, apiScopeEnabled: true },
        adminToken: { expiresInHours: 24 },
      };
      equal(JSON.parse(stdout), expected, 'configuration');
    }),
  );
  test(
    'set-secure-mode turns secure mode off',
    withEmulator({}, async ({ env }) => {
      await runCall(['set-secure-mode', 'off'], { env });
      const stdout = await runCall(['get-network'], { env });
      match(stdout, /^useSecureAuthentication: false$/m, 'get-network');
    }),
  );
  test(
    'set-network-push sends the state of the network and of each event',
    withEmulator({}, async ({ emulator, env }) => {
      const events = ['--event', 'a.b=off', '--event', 'c=on'];
      await runCall(['set-network-push', 'on', ...events], { env });
      const expected = {
        level: 'network',
        isPushNotifiable: true,
        notifiableEvents: [
          { name: 'a.b', isPushNotifiable: false },
          { name: 'c', isPushNotifiable: true },
        ],
      };
      equal(emulator.requests.at(-1).body, expected, 'body of the request');
    }),
  );
};

export const testAdministration = ({ test }) => {
  testGetCalls(test);
  testIssueCalls(test);
  testRevokeCalls(test);
  testSetCalls(test);
};

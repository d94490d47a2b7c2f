// Tests the `token` command, and how commands report errors of the service and of the connection.
import { equal, match, ok } from '../conformance/harness.mjs';
import { runCli, expectFailure, expectSuccess, guard, runNpx, withEmulator } from './command.mjs';

export const testTokens = ({ test }) => {
  test(
    'prints only the auth token to standard output',
    withEmulator({}, async ({ emulator, env }) => {
      const result = await runNpx(['token', 'ada'], { env });
      const stdout = expectSuccess(result);
      match(stdout, /^\S{10,100}\n$/, 'standard output');
      match(result.stderr, /auth token for ada expires at \d{4}-/, 'standard error');
      ok(!result.stderr.includes(stdout.trim()), 'standard error repeats the token');
      equal(
        emulator.requests.map(({ method, path }) => `${method} ${path}`),
        ['POST /api/v4/authentication/token'],
        'requests',
      );
    }),
  );
  test(
    'prints the token as JSON with --json',
    withEmulator({}, async ({ env }) => {
      const stdout = expectSuccess(await runCli(['token', 'ada', '--json'], { env }));
      const { token, userId, expiresAt } = JSON.parse(stdout);
      equal(typeof token, 'string', 'type of token');
      equal(userId, 'ada', 'userId');
      ok(!Number.isNaN(Date.parse(expiresAt)), 'expiresAt is not a date');
    }),
  );
  test(
    'calls the API version that --api-version selects',
    withEmulator({}, async ({ emulator, env }) => {
      expectSuccess(await runCli(['token', 'ada', '--api-version', 'v3'], { env }));
      const paths = emulator.requests.map(({ path }) => path);
      equal(paths, ['/api/v3/authentication/token'], 'paths');
    }),
  );
  test(
    'reports an error of the service in one line and exits with code 1',
    withEmulator({}, async ({ env }) => {
      const wrongEnv = { ...env, SOCIAL_PLUS_SERVER_KEY: guard('a-wrong-server-key') };
      const result = await runCli(['token', 'ada'], { env: wrongEnv });
      expectFailure(result, /^[^\n]*server key[^\n]*\(unauthorized, HTTP 401\)\n$/);
    }),
  );
  test(
    'reports an error of the service as JSON with --json',
    withEmulator({}, async ({ env }) => {
      const wrongEnv = { ...env, SOCIAL_PLUS_SERVER_KEY: guard('another-wrong-server-key') };
      const result = await runCli(['token', 'ada', '--json'], { env: wrongEnv });
      expectFailure(result, /^\{.*\}\n$/);
      const { error } = JSON.parse(result.stderr);
      equal(error.kind, 'unauthorized', 'kind');
      equal(error.operation, 'createAuthToken', 'operation');
      equal(error.status, 401, 'status');
    }),
  );
  test('reports why a connection failed', async () => {
    const env = {
      SOCIAL_PLUS_ENDPOINT: 'http://127.0.0.1:1',
      SOCIAL_PLUS_SERVER_KEY: 'key',
      SOCIAL_PLUS_ACCESS_TOKEN: 'token',
    };
    expectFailure(await runCli(['revoke'], { env }), /\(network, ECONNREFUSED\)\n$/);
  });
};

// Tests the commands that sign in and out: `session`, `verify`, `revoke`, `visitor` and `bot`.
import { equal, match, ok } from '../conformance/harness.mjs';
import {
  runCli,
  expectFailure,
  expectSuccess,
  guard,
  guardOutput,
  runNpx,
  withEmulator,
} from './command.mjs';

const THIRTY_DAYS_MS = 30 * 86_400_000;

const testUsers = (test) => {
  test(
    'session signs in with the server key, and verify and revoke read its token from a pipe',
    withEmulator({}, async ({ emulator, env }) => {
      const args = ['session', 'ada', '--device', 'laptop', '--display-name', 'Ada'];
      const result = await runNpx(args, { env });
      const input = expectSuccess(result);
      match(result.stderr, /ada is signed in on laptop until/, 'standard error');
      guardOutput(input);
      const [user] = emulator.users();
      equal(user.userId, 'ada', 'userId');
      equal(user.displayName, 'Ada', 'displayName');
      equal(expectSuccess(await runNpx(['verify'], { env, input })), 'valid\n', 'verify');
      equal(expectSuccess(await runNpx(['revoke'], { env, input })), 'revoked\n', 'revoke');
      const { status, stdout } = await runNpx(['verify'], { env, input });
      equal(status, 1, 'exit code of verify after revoke');
      match(stdout, /^not valid: .*revoked/, 'verify after revoke');
    }),
  );
  test(
    'session --json prints a thirty-day session of the default device, which verify can read',
    withEmulator({}, async ({ env }) => {
      const stdout = expectSuccess(await runCli(['session', 'ada', '--json'], { env }));
      const session = JSON.parse(stdout);
      guard(session.accessToken);
      equal(session.userId, 'ada', 'userId');
      equal(session.deviceId, 'social-plus-auth-cli', 'deviceId');
      const lifetimeMs = Date.parse(session.expiresAt) - Date.parse(session.issuedAt);
      equal(lifetimeMs, THIRTY_DAYS_MS, 'lifetime');
      const verdict = expectSuccess(await runCli(['verify', '--json'], { env, input: stdout }));
      equal(verdict, '{"valid":true}\n', 'verify with the piped JSON');
    }),
  );
  test(
    'verify and revoke prefer SOCIAL_PLUS_ACCESS_TOKEN to a pipe',
    withEmulator({}, async ({ env }) => {
      const token = expectSuccess(await runCli(['session', 'ada'], { env }));
      guardOutput(token);
      const options = { env: { ...env, SOCIAL_PLUS_ACCESS_TOKEN: token }, input: 'another' };
      const revoked = expectSuccess(await runCli(['revoke', '--json'], options));
      equal(revoked, '{"revoked":true}\n', 'revoke');
      const { status, stdout } = await runCli(['verify', '--json'], options);
      equal(status, 1, 'exit code of verify');
      equal(stdout, '{"valid":false,"reason":"unauthorized"}\n', 'verify');
    }),
  );
  test(
    'session --unsecure needs no server key, and uses SOCIAL_PLUS_USER_ID and --api-version',
    withEmulator({ secureMode: false }, async ({ emulator, envWithout }) => {
      const env = {
        ...envWithout('SOCIAL_PLUS_SERVER_KEY'),
        // This id looks like a key, so the command would reject it as an argument.
        SOCIAL_PLUS_USER_ID: 'f'.repeat(49),
      };
      expectSuccess(await runCli(['session', '--unsecure', '--api-version', 'v4'], { env }));
      const paths = emulator.requests.map(({ path }) => path);
      equal(paths, ['/api/v4/sessions'], 'paths');
    }),
  );
  test(
    'session --unsecure fails in secure mode',
    withEmulator({}, async ({ env }) =>
      expectFailure(
        await runCli(['session', 'ada', '--unsecure'], { env }),
        /^[^\n]+\(secureModeRequired, HTTP 403, code 400300\)\n$/,
      ),
    ),
  );
};

const testVisitors = (test) => {
  test(
    'visitor prints a signature with its expiry date, and sends nothing',
    withEmulator({ secureVisitorMode: true }, async ({ emulator, env }) => {
      const result = await runNpx(['visitor', 'kiosk', '--expires-in', '90s'], { env });
      const pattern = /^authSignature: [\da-f]{64}\nauthSignatureExpiresAt: (\S+Z)\n$/;
      const [, expiresAt] = pattern.exec(expectSuccess(result)) ?? [];
      const errorMs = Math.abs(Date.parse(expiresAt) - Date.now() - 90_000);
      ok(errorMs < 60_000, 'the expiry date is not about 90 seconds away');
      const json = expectSuccess(await runCli(['visitor', 'kiosk', '--json'], { env }));
      match(JSON.parse(json).authSignature, /^[\da-f]{64}$/, 'authSignature in JSON');
      equal(emulator.requests.length, 0, 'number of requests');
    }),
  );
  test(
    'visitor --session signs a visitor in, but secure visitor mode requires a signature',
    withEmulator({ secureVisitorMode: true }, async ({ env }) => {
      const args = ['visitor', 'kiosk', '--session'];
      const session = JSON.parse(expectSuccess(await runCli([...args, '--json'], { env })));
      equal(session.userType, 'visitor', 'userType');
      equal(session.deviceId, 'kiosk', 'deviceId');
      expectFailure(await runCli([...args, '--unsigned'], { env }), /\(unauthorized, HTTP 40\d/);
    }),
  );
  test(
    'bot signs a bot in on the default device',
    withEmulator({}, async ({ env }) => {
      const result = await runNpx(['bot'], { env });
      match(expectSuccess(result), /^\S+\n$/, 'standard output');
      match(result.stderr, /is signed in on social-plus-auth-cli/, 'standard error');
    }),
  );
};

export const testSessions = ({ test }) => {
  testUsers(test);
  testVisitors(test);
};

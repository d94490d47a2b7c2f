// The commands that sign in and out, each of them through npx.
import { equal, match, ok } from '../conformance/harness.mjs';
import { cli, guardPrinted, npx, withEmulator } from './command.mjs';

const DAYS_30 = 30 * 86_400_000;

export const tokens = ({ test }) => {
  test(
    'token prints the auth token alone on standard output',
    withEmulator({}, async ({ emulator, env }) => {
      const { status, stdout, stderr } = await npx(['token', 'ada'], { env });
      equal(status, 0, 'status');
      match(stdout, /^\S{10,100}\n$/, 'standard output');
      match(stderr, /Good for ada until \d{4}-/, 'standard error');
      ok(!stderr.includes(stdout.trim()), 'the token is on standard error too');
      equal(
        emulator.requests.map(({ method, path }) => `${method} ${path}`),
        ['POST /api/v4/authentication/token'],
        'requests',
      );
    }),
  );
  test(
    'token --json and --api-version v3',
    withEmulator({}, async ({ emulator, env }) => {
      const { status, stdout } = await cli(['token', 'ada', '--json', '--api-version', 'v3'], {
        env,
      });
      equal(status, 0, 'status');
      const { token, userId, expiresAt } = JSON.parse(stdout);
      equal(
        [typeof token, userId, Number.isNaN(Date.parse(expiresAt))],
        ['string', 'ada', false],
        'fields',
      );
      equal(
        emulator.requests.map(({ path }) => path),
        ['/api/v3/authentication/token'],
        'paths',
      );
    }),
  );
  test(
    'session signs in with the server key; verify and revoke take the token from a pipe',
    withEmulator({}, async ({ emulator, env }) => {
      const made = await npx(['session', 'ada', '--device', 'laptop', '--display-name', 'Ada'], {
        env,
      });
      equal(made.status, 0, 'status');
      match(made.stderr, /ada is signed in on laptop until/, 'standard error');
      const input = made.stdout;
      guardPrinted(input);
      equal(
        emulator.users().map(({ userId, displayName }) => [userId, displayName]),
        [['ada', 'Ada']],
        'users',
      );
      const good = await npx(['verify'], { env, input });
      equal([good.status, good.stdout], [0, 'valid\n'], 'while it is good');
      const revoked = await npx(['revoke'], { env, input });
      equal([revoked.status, revoked.stdout], [0, 'revoked\n'], 'revoke');
      const over = await npx(['verify'], { env, input });
      equal(over.status, 1, 'status afterwards');
      match(over.stdout, /^not valid: .*revoked/, 'afterwards');
    }),
  );
  test(
    'session --json is what verify and revoke take too, and the environment counts before a pipe',
    withEmulator({}, async ({ env }) => {
      const made = await cli(['session', 'ada', '--json'], { env });
      const session = JSON.parse(made.stdout);
      equal([session.userId, session.deviceId], ['ada', 'social-plus-auth-cli'], 'fields');
      equal(Date.parse(session.expiresAt) - Date.parse(session.issuedAt), DAYS_30, 'lifetime');
      guardPrinted(session.accessToken);
      equal(
        (await cli(['verify', '--json'], { env, input: made.stdout })).stdout,
        '{"valid":true}\n',
        'piped',
      );
      const given = { ...env, SOCIAL_PLUS_ACCESS_TOKEN: `${session.accessToken}\n` };
      equal(
        (await cli(['revoke', '--json'], { env: given })).stdout,
        '{"revoked":true}\n',
        'revoke',
      );
      const { status, stdout } = await cli(['verify', '--json'], { env: given, input: 'another' });
      equal([status, stdout], [1, '{"valid":false,"reason":"unauthorized"}\n'], 'afterwards');
    }),
  );
  test(
    'session --unsecure needs no server key',
    withEmulator({ secureMode: false }, async ({ emulator, without }) => {
      const { status } = await cli(['session', '--unsecure', '--api-version', 'v4'], {
        env: { ...without('SOCIAL_PLUS_SERVER_KEY'), SOCIAL_PLUS_USER_ID: 'f'.repeat(49) },
      });
      equal(status, 0, 'status');
      equal(
        emulator.requests.map(({ path }) => path),
        ['/api/v4/sessions'],
        'paths',
      );
    }),
  );
  test(
    'session --unsecure in secure mode: 1, and a sentence that says so',
    withEmulator({}, async ({ env }) => {
      const { status, stdout, stderr } = await cli(['session', 'ada', '--unsecure'], { env });
      equal([status, stdout], [1, ''], 'status, standard output');
      match(
        stderr,
        /^Secure mode is on: .*\(secureModeRequired, HTTP 403, code 400300\)\n$/,
        'standard error',
      );
    }),
  );
  test(
    'visitor signs; with --session it signs in',
    withEmulator({ secureVisitorMode: true }, async ({ emulator, env }) => {
      const signed = await npx(['visitor', 'kiosk', '--expires-in', '90s'], { env });
      equal(signed.status, 0, 'status');
      const [, at] =
        /^authSignature: [\da-f]{64}\nauthSignatureExpiresAt: (\S+Z)\n$/.exec(signed.stdout) ?? [];
      ok(
        Math.abs(Date.parse(at) - Date.now() - 90_000) < 60_000,
        'the date is not 90 seconds away',
      );
      equal(emulator.requests.length, 0, 'requests: signing needs none');
      const { authSignature } = JSON.parse(
        (await cli(['visitor', 'kiosk', '--json'], { env })).stdout,
      );
      match(authSignature, /^[\da-f]{64}$/, 'authSignature');
      const made = JSON.parse(
        (await cli(['visitor', 'kiosk', '--session', '--json'], { env })).stdout,
      );
      equal([made.userType, made.deviceId], ['visitor', 'kiosk'], 'session');
      const refused = await cli(['visitor', 'kiosk', '--session', '--unsigned'], { env });
      equal(refused.status, 1, 'status unsigned');
      match(refused.stderr, /secure visitor mode/, 'unsigned');
    }),
  );
  test(
    'bot signs in',
    withEmulator({}, async ({ env }) => {
      const { status, stdout, stderr } = await npx(['bot'], { env });
      equal(status, 0, 'status');
      match(stdout, /^\S+\n$/, 'standard output');
      match(stderr, /is signed in on social-plus-auth-cli/, 'standard error');
    }),
  );
  test(
    "the service's refusal is 1 and one sentence, with --json an object",
    withEmulator({}, async ({ env }) => {
      const wrong = { ...env, SOCIAL_PLUS_SERVER_KEY: guardPrinted('a-server-key-that-is-wrong') };
      const { status, stdout, stderr } = await cli(['token', 'ada'], { env: wrong });
      equal([status, stdout], [1, ''], 'status, standard output');
      match(
        stderr,
        /^The service refused the server key: [^\n]*\(unauthorized, HTTP 401\)\n$/,
        'standard error',
      );
      const json = await cli(['token', 'ada', '--json'], { env: wrong });
      equal([json.status, json.stdout], [1, ''], 'with --json');
      const { error } = JSON.parse(json.stderr);
      equal(
        [error.kind, error.operation, error.status],
        ['unauthorized', 'createAuthToken', 401],
        'error',
      );
    }),
  );
  test('no connection is 1, and says why there is none', async () => {
    const env = {
      SOCIAL_PLUS_ENDPOINT: 'http://127.0.0.1:1',
      SOCIAL_PLUS_SERVER_KEY: 'key',
      SOCIAL_PLUS_ACCESS_TOKEN: 'token',
    };
    const { status, stderr } = await cli(['revoke'], { env });
    equal(status, 1, 'status');
    match(stderr, /\(network, ECONNREFUSED\)\n$/, 'standard error');
  });
  test(
    'what the library refuses before anything is sent is 2',
    withEmulator({}, async ({ emulator, env }) => {
      for (const args of [
        ['token', 'a'.repeat(30) + ' '.repeat(30)],
        ['token', 'ada', '--api-version', 'v9'],
        ['session', 'ADMIN_ada'],
        ['visitor', 'd', '--session', '--region', 'mars'],
      ]) {
        const { status, stderr } = await cli(args, { env });
        equal(status, 2, `status of ${args[0]}`);
        match(stderr, /^[^\n]+\n$/, 'standard error');
      }
      equal(emulator.requests.length, 0, 'requests');
    }),
  );
  test(
    'what the service says cannot steer the terminal',
    withEmulator({}, async ({ emulator, env }) => {
      emulator.faults.add({
        path: '/api/v3/networks/me',
        body: '{"name":"a\\u001b[2Jb\\u009b2Jc","useSecureAuthentication":true}',
      });
      const { status, stdout } = await cli(['admin', 'get-network'], { env });
      equal([status, stdout], [0, 'name: a[2Jb2Jc\nuseSecureAuthentication: true\n'], 'output');
    }),
  );
};

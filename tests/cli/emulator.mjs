// Tests the `emulator` command in a process of its own.
import { access, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { equal, match } from '../conformance/harness.mjs';
import { createKeyAndRequest } from '../conformance/csr.mjs';
import {
  runCli,
  expectFailure,
  expectSuccess,
  expectUsageError,
  getProjectPath,
  getProgramPath,
  start,
} from './command.mjs';

const startCommand = async (args) => start(await getProgramPath(), ['emulator', ...args]);

/** Parses `NAME=value` lines. */
const parseEnvironment = (text) =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/**
 * Runs `body` with the environment that the emulator printed, then stops the emulator with SIGINT,
 * as Ctrl-C does. Returns the standard error of the emulator.
 */
const withRunningCommand = async (args, body) => {
  const emulator = await startCommand(args);
  try {
    await emulator.waitForOutput(/Ctrl-C/, 'stderr');
    await body(parseEnvironment(await emulator.waitForOutput(/\n$/)));
  } finally {
    emulator.child.kill('SIGINT');
  }
  const result = await emulator.ended;
  expectSuccess(result);
  return result.stderr;
};

const fileExists = (file) =>
  access(file).then(
    () => true,
    () => false,
  );

const testOptions = (test) => {
  test('prints the environment for the other commands', async () =>
    void (await withRunningCommand([], async (env) => {
      const names = [
        'SOCIAL_PLUS_ENDPOINT',
        'SOCIAL_PLUS_API_KEY',
        'SOCIAL_PLUS_SERVER_KEY',
        'SOCIAL_PLUS_ADMIN_TOKEN',
        'SOCIAL_PLUS_VISITOR_SECRET',
      ];
      equal(Object.keys(env), names, 'names');
      match(env.SOCIAL_PLUS_ENDPOINT, /^http:\/\/127\.0\.0\.1:\d+$/, 'endpoint');
    })));
  test('--secure-mode requires auth tokens, and --log prints each request', async () => {
    const log = await withRunningCommand(['--secure-mode', '--log'], async (env) => {
      expectSuccess(await runCli(['session', 'ada'], { env }));
      expectFailure(await runCli(['session', 'ada', '--unsecure'], { env }), /secureModeRequired/);
    });
    const lines = [
      '200 POST /api/v4/authentication/token',
      '200 POST /api/v5/sessions',
      '403 POST /api/v5/sessions',
    ];
    equal(log.split('\n').slice(1, 4), lines, 'log');
  });
  test('--seed generates the same server key on each run, and --json prints the keys', async () => {
    const serverKeys = [];
    for (let run = 0; run < 2; run += 1) {
      const emulator = await startCommand(['--json', '--seed', '7', '--port', '0']);
      const { url, apiKey, serverKey } = JSON.parse(await emulator.waitForOutput(/\n$/));
      serverKeys.push(serverKey);
      const env = { SOCIAL_PLUS_API_KEY: apiKey };
      expectSuccess(await runCli(['session', 'ada', '--unsecure', '--endpoint', url], { env }));
      emulator.child.kill('SIGTERM');
      equal((await emulator.ended).status, 0, 'exit code after SIGTERM');
    }
    equal(serverKeys[0] === serverKeys[1], true, 'equality of the server keys');
  });
  test('the options for bots, visitors, quota and access tokens take effect', async () => {
    const args = ['--no-bots', '--secure-visitor-mode', '--visitor-quota', '0'];
    args.push('--access-token-lifetime', '2h');
    // The command must accept these two; the test does not check their effect.
    args.push('--auth-token-lifetime', '60s', '--admin-token-lifetime', '1d');
    await withRunningCommand(args, async (env) => {
      expectFailure(await runCli(['bot'], { env }), /\(forbidden/);
      const visitor = ['visitor', 'd', '--session'];
      expectFailure(await runCli([...visitor, '--unsigned'], { env }), /\(unauthorized/);
      const session = JSON.parse(expectSuccess(await runCli([...visitor, '--json'], { env })));
      const lifetimeMs = Date.parse(session.expiresAt) - Date.parse(session.issuedAt);
      equal(lifetimeMs, 7_200_000, 'lifetime of the access token');
      expectFailure(await runCli(['verify'], { env, input: session.accessToken }), /quotaExceeded/);
    });
  });
  test('--allow-origin lets pages of listed origins read responses, but no others', async () => {
    const origins = ['https://a.example', 'https://b.example:8443'];
    const args = origins.flatMap((origin) => ['--allow-origin', origin]);
    await withRunningCommand(['--seed', '1', ...args], async ({ SOCIAL_PLUS_ENDPOINT: url }) => {
      for (const [origin, allowed] of [
        ...origins.map((origin) => [origin, origin]),
        ['https://attacker.example', null],
      ]) {
        const { headers } = await fetch(url, { headers: { origin } });
        equal(headers.get('access-control-allow-origin'), allowed, `allowed origin for ${origin}`);
      }
    });
  });
  test('--no-visitors rejects visitors', async () =>
    void (await withRunningCommand(['--no-visitors'], async (env) =>
      expectFailure(await runCli(['visitor', 'd', '--session'], { env }), /\(forbidden/),
    )));
};

const testCertificates = (test) => {
  test('--tls serves https, and the CA file is removed when the emulator stops', async () => {
    let caFile;
    await withRunningCommand(['--tls'], async (env) => {
      match(env.SOCIAL_PLUS_ENDPOINT, /^https:/, 'endpoint');
      caFile = env.SOCIAL_PLUS_CA_FILE;
      expectSuccess(await runCli(['bot'], { env }));
      const envWithoutCa = { ...env, SOCIAL_PLUS_CA_FILE: '' };
      const reason = /\(network, [A-Z_]*(CERT|SIGN|ISSUER)[A-Z_]*\)/;
      expectFailure(await runCli(['bot'], { env: envWithoutCa }), reason);
    });
    equal(await fileExists(caFile), false, 'existence of the CA file');
  });
  test('--mtls requires the client certificate that --csr requests', async () => {
    const { key, csr } = createKeyAndRequest('backend');
    await writeFile(join(await getProjectPath(), 'client.csr'), csr);
    await writeFile(join(await getProjectPath(), 'client-key.pem'), key);
    await withRunningCommand(['--mtls', '--csr', 'client.csr'], async (env) => {
      const withKey = { ...env, SOCIAL_PLUS_CLIENT_KEY_FILE: 'client-key.pem' };
      expectSuccess(await runCli(['token', 'ada'], { env: withKey }));
      expectSuccess(await runCli(['admin', 'get-network'], { env: withKey }));
      const envWithoutCert = { ...env, SOCIAL_PLUS_CLIENT_CERT_FILE: '' };
      expectFailure(await runCli(['token', 'ada'], { env: envWithoutCert }), /\(network, /);
      // mTLS does not protect this call.
      expectSuccess(await runCli(['bot'], { env: envWithoutCert }));
      const options = ['--client-cert', env.SOCIAL_PLUS_CLIENT_CERT_FILE];
      options.push('--client-key', 'client-key.pem', '--ca', env.SOCIAL_PLUS_CA_FILE);
      const envWithoutFiles = { ...envWithoutCert, SOCIAL_PLUS_CA_FILE: '' };
      expectSuccess(await runCli(['token', 'ada', ...options], { env: envWithoutFiles }));
    });
  });
};

export const testEmulatorCommand = ({ test }) => {
  testOptions(test);
  testCertificates(test);
  test('rejects wrong options with a message of one line', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const cases = [
      [['--port', String(busy.address().port)], /EADDRINUSE/],
      [['--port', '70000'], /^--port must be a number from 0 to 65535 \(got 70000\)/],
      [['--seed', 'x'], /^--seed must be a number/],
      [['--access-token-lifetime', '5'], /a duration like 90s/],
      [['--csr', 'client.csr'], /^--csr needs --mtls/],
      [['--allow-origin', '*'], /^`allowOrigins` must be a list of origins/],
      [['--mtls', '--csr', 'nowhere.csr'], /^Cannot read .* nowhere\.csr \(ENOENT\)/],
      [['ada'], /^Too many arguments/],
    ];
    for (const [args, message] of cases) {
      const result = await runCli(['emulator', ...args]);
      expectUsageError(result, message);
      match(result.stderr, /^[^\n]+\n$/, `standard error of ${args.join(' ')}`);
    }
    busy.close();
  });
};

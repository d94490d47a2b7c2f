// `emulator`, as a process of its own: what it prints can be used as it is, and Ctrl-C ends it.
import { access, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { equal, match } from '../conformance/harness.mjs';
import { keyAndRequest } from '../conformance/csr.mjs';
import { cli, folder, start } from './command.mjs';

const running = async (args, options) =>
  start(join(await folder(), 'node_modules/.bin/social-plus-auth'), ['emulator', ...args], options);

/** What a shell makes of the lines. */
const environment = (text) =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** Runs `body` with its environment, then ends it as Ctrl-C does; it must have gone well. */
const whileRunning = async (args, body) => {
  const emulator = await running(args);
  try {
    await emulator.printed(/Ctrl-C/, 'stderr');
    await body(environment(await emulator.printed(/\n$/)), emulator);
  } finally {
    emulator.child.kill('SIGINT');
  }
  const { status, stderr } = await emulator.ended;
  equal(status, 0, 'status after Ctrl-C');
  return stderr;
};

const isThere = (file) =>
  access(file).then(
    () => true,
    () => false,
  );

export const emulatorCommand = ({ test }) => {
  test('emulator: its lines are an environment for the other commands; --log tells of each request', async () => {
    const log = await whileRunning(['--secure-mode', '--log'], async (env) => {
      equal(
        Object.keys(env),
        [
          'SOCIAL_PLUS_ENDPOINT',
          'SOCIAL_PLUS_API_KEY',
          'SOCIAL_PLUS_SERVER_KEY',
          'SOCIAL_PLUS_ADMIN_TOKEN',
          'SOCIAL_PLUS_VISITOR_SECRET',
        ],
        'names',
      );
      match(env.SOCIAL_PLUS_ENDPOINT, /^http:\/\/127\.0\.0\.1:\d+$/, 'address');
      equal((await cli(['session', 'ada'], { env })).status, 0, 'status of session');
      equal(
        (await cli(['session', 'ada', '--unsecure'], { env })).status,
        1,
        'status of session --unsecure',
      );
    });
    match(
      log,
      /^200 POST \/api\/v4\/authentication\/token\n200 POST \/api\/v5\/sessions\n403 POST \/api\/v5\/sessions$/m,
      'log',
    );
  });
  test('emulator: --json, --seed, and without secure mode', async () => {
    const both = [];
    for (const port of [0, 0]) {
      const emulator = await running(['--json', '--seed', '7', '--port', String(port)]);
      both.push(JSON.parse(await emulator.printed(/\n$/)));
      const { url, apiKey } = both.at(-1);
      const { status } = await cli(['session', 'ada', '--unsecure', '--endpoint', url], {
        env: { SOCIAL_PLUS_API_KEY: apiKey, SOCIAL_PLUS_REGION: 'eu' },
      });
      equal(status, 0, 'status of session --unsecure');
      emulator.child.kill('SIGTERM');
      equal((await emulator.ended).status, 0, 'status');
    }
    equal(both[0].serverKey === both[1].serverKey, true, 'same seed, same key');
  });
  test('emulator: modes', async () => {
    const modes = [
      '--no-bots',
      '--secure-visitor-mode',
      '--visitor-quota',
      '0',
      '--access-token-lifetime',
      '2h',
      '--auth-token-lifetime',
      '60s',
      '--admin-token-lifetime',
      '1d',
    ];
    await whileRunning(modes, async (env) => {
      equal((await cli(['bot'], { env })).status, 1, 'status of bot');
      equal(
        (await cli(['visitor', 'd', '--session', '--unsigned'], { env })).status,
        1,
        'status unsigned',
      );
      const session = JSON.parse(
        (await cli(['visitor', 'd', '--session', '--json'], { env })).stdout,
      );
      equal(Date.parse(session.expiresAt) - Date.parse(session.issuedAt), 7_200_000, 'lifetime');
      const { stderr } = await cli(['verify'], { env, input: session.accessToken });
      match(stderr, /quotaExceeded/, 'verify with a quota of 0');
    });
    await whileRunning(['--no-visitors'], async (env) =>
      equal((await cli(['visitor', 'd', '--session'], { env })).status, 1, 'status of visitor'),
    );
  });
  test('emulator: --tls', async () => {
    let file;
    await whileRunning(['--tls'], async (env) => {
      match(env.SOCIAL_PLUS_ENDPOINT, /^https:/, 'address');
      file = env.SOCIAL_PLUS_CA_FILE;
      equal((await cli(['bot'], { env })).status, 0, 'status with its authority');
      const { status, stderr } = await cli(['bot'], { env: { ...env, SOCIAL_PLUS_CA_FILE: '' } });
      equal(status, 1, 'status without it');
      match(stderr, /\(network, [A-Z_]*(CERT|SIGN|ISSUER)[A-Z_]*\)/, 'without it');
    });
    equal(await isThere(file), false, 'whether its file is still there');
  });
  test('emulator: --mtls --csr, with the certificate and without', async () => {
    const { key, csr } = keyAndRequest('backend');
    const at = await folder();
    await writeFile(join(at, 'client.csr'), csr);
    await writeFile(join(at, 'client-key.pem'), key);
    await whileRunning(['--mtls', '--csr', 'client.csr'], async (env) => {
      const given = { ...env, SOCIAL_PLUS_CLIENT_KEY_FILE: 'client-key.pem' };
      equal((await cli(['token', 'ada'], { env: given })).status, 0, 'status of token with it');
      equal(
        (await cli(['admin', 'get-network'], { env: given })).status,
        0,
        'status of admin with it',
      );
      const bare = { ...env, SOCIAL_PLUS_CLIENT_CERT_FILE: '' };
      const { status, stderr } = await cli(['token', 'ada'], { env: bare });
      equal(status, 1, 'status of token without it');
      match(stderr, /\(network, /, 'token without it');
      equal((await cli(['bot'], { env: bare })).status, 0, 'status of bot without it');
      const named = [
        '--client-cert',
        env.SOCIAL_PLUS_CLIENT_CERT_FILE,
        '--client-key',
        'client-key.pem',
        '--ca',
        env.SOCIAL_PLUS_CA_FILE,
      ];
      equal(
        (await cli(['token', 'ada', ...named], { env: { ...bare, SOCIAL_PLUS_CA_FILE: '' } }))
          .status,
        0,
        'status of token with options',
      );
    });
  });
  test('emulator: what cannot be is 2, and one sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const cases = [
      [['--port', String(taken.address().port)], /EADDRINUSE/],
      [['--port', '70000'], /--port takes a number from 0 to 65535/],
      [['--seed', 'x'], /--seed/],
      [['--access-token-lifetime', '5'], /a time like 90s/],
      [['--csr', 'client.csr'], /--mtls/],
      [['--mtls', '--csr', 'nowhere.csr'], /cannot be read \(ENOENT\)/],
      [['ada'], /more arguments/],
    ];
    for (const [args, sentence] of cases) {
      const { status, stdout, stderr } = await cli(['emulator', ...args]);
      equal([status, stdout], [2, ''], `status of ${args.join(' ')}`);
      match(stderr, sentence, args.join(' '));
      match(stderr, /^[^\n]+\n$/, 'one line');
    }
    taken.close();
  });
};

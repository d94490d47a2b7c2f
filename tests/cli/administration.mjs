// Every call of an administrator.
import { equal, match, ok } from '../conformance/harness.mjs';
import { cli, guardPrinted, npx, withEmulator } from './command.mjs';

const CALLS = [
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

export const administration = ({ test }) => {
  test('admin --help names every call', async () => {
    const { status, stdout } = await npx(['admin', '--help']);
    equal(status, 0, 'status');
    equal(
      [...stdout.matchAll(/^ {2}((?:get|set|issue|revoke)-[a-z-]+) /gm)]
        .map(([, name]) => name)
        .sort(),
      CALLS,
      'calls',
    );
  });
  test(
    'admin: reading',
    withEmulator({}, async ({ env }) => {
      const json = async (call) =>
        JSON.parse(
          (await cli(['admin', call, '--json'], { env, prints: [env.SOCIAL_PLUS_ADMIN_TOKEN] }))
            .stdout,
        );
      equal((await json('get-network')).useSecureAuthentication, true, 'get-network');
      equal(
        (await json('get-security-config')).adminToken,
        { expiresInHours: 24 },
        'get-security-config',
      );
      equal((await json('get-server-key-info')).updatedBy, 'root', 'get-server-key-info');
      equal(
        (await json('get-admin-token')).adminToken,
        env.SOCIAL_PLUS_ADMIN_TOKEN,
        'get-admin-token',
      );
      match(
        (await cli(['admin', 'get-server-key-info'], { env })).stdout,
        /^updatedAt: \d{4}-.*Z\nupdatedBy: root\n$/,
        'as text',
      );
    }),
  );
  test(
    'admin: a new server key and a new admin token, alone on standard output, both good',
    withEmulator({}, async ({ emulator, env }) => {
      const key = await npx(['admin', 'issue-server-key'], { env });
      equal([key.status, key.stdout.trim() === emulator.serverKey], [0, true], 'issue-server-key');
      guardPrinted(key.stdout);
      const token = await cli(['admin', 'issue-admin-token'], { env });
      equal(
        [token.status, token.stdout.trim() === emulator.adminToken],
        [0, true],
        'issue-admin-token',
      );
      guardPrinted(token.stdout);
      match(token.stderr, /good until/, 'standard error');
      const renewed = {
        ...env,
        SOCIAL_PLUS_SERVER_KEY: key.stdout,
        SOCIAL_PLUS_ADMIN_TOKEN: token.stdout,
      };
      equal(
        (await cli(['token', 'ada'], { env: renewed })).status,
        0,
        'status with the new server key',
      );
      equal(
        (await cli(['admin', 'get-network'], { env: renewed })).status,
        0,
        'status with the new admin token',
      );
      const { serverKey } = JSON.parse(
        (await cli(['admin', 'issue-server-key', '--json'], { env })).stdout,
      );
      equal(serverKey === emulator.serverKey, true, 'issue-server-key --json');
    }),
  );
  test(
    'admin: a lost answer is not asked for twice',
    withEmulator({}, async ({ emulator, env }) => {
      emulator.faults.add({ path: '/api/v3/networks/server-key', drop: 'afterHandling' });
      equal((await cli(['admin', 'issue-server-key'], { env })).status, 1, 'status');
      equal(emulator.requests.length, 1, 'requests');
    }),
  );
  test(
    'admin: revoking',
    withEmulator({}, async ({ emulator, env }) => {
      await cli(['session', 'ada'], { env });
      equal(
        (await cli(['admin', 'revoke-user-sessions', 'ada'], { env })).stdout,
        'done\n',
        'revoke-user-sessions',
      );
      equal(
        emulator.sessions().map(({ valid }) => valid),
        [false],
        'sessions',
      );
      const unknown = await cli(['admin', 'revoke-user-sessions', 'grace', '--internal-id'], {
        env,
      });
      equal(unknown.status, 1, 'status of an unknown user');
      match(unknown.stderr, /notFound, HTTP 404/, 'unknown user');
      const notMine = await cli(['admin', 'revoke-admin-token', 'root'], { env });
      equal(notMine.status, 1, "status of somebody else's");
      equal(
        (await cli(['admin', 'revoke-admin-token', 'admin', '--json'], { env })).stdout,
        '{"done":true}\n',
        'revoke-admin-token',
      );
      const { status, stderr } = await cli(['admin', 'get-network'], { env });
      equal(status, 1, 'status after the revoke');
      match(stderr, /admin token/, 'after the revoke');
    }),
  );
  test(
    'admin: setting',
    withEmulator({}, async ({ emulator, env }) => {
      const config = await cli(
        [
          'admin',
          'set-security-config',
          '--server-key-hours',
          '2',
          '--server-key-api-scope',
          'on',
          '--json',
        ],
        {
          env,
        },
      );
      equal(
        JSON.parse(config.stdout),
        {
          serverKey: { expiresInHours: 2, apiScopeEnabled: true },
          adminToken: { expiresInHours: 24 },
        },
        'set-security-config',
      );
      equal((await cli(['admin', 'set-secure-mode', 'off'], { env })).status, 0, 'set-secure-mode');
      match(
        (await cli(['admin', 'get-network'], { env })).stdout,
        /^useSecureAuthentication: false$/m,
        'secure mode',
      );
      equal(
        (
          await cli(['admin', 'set-network-push', 'on', '--event', 'a.b=off', '--event', 'c=on'], {
            env,
          })
        ).status,
        0,
        'set-network-push',
      );
      equal(
        emulator.requests.at(-1).body,
        {
          level: 'network',
          isPushNotifiable: true,
          notifiableEvents: [
            { name: 'a.b', isPushNotifiable: false },
            { name: 'c', isPushNotifiable: true },
          ],
        },
        'body',
      );
    }),
  );
  test(
    'admin: what cannot be meant is 2, and nothing is sent',
    withEmulator({}, async ({ emulator, env }) => {
      const asked = [
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
      ];
      for (const args of asked) {
        const { status, stdout, stderr } = await cli(['admin', ...args], { env });
        equal([status, stdout], [2, ''], `status of ${args.join(' ')}`);
        ok(stderr.length > 10, 'no sentence');
      }
      equal(emulator.requests.length, 0, 'requests');
    }),
  );
};

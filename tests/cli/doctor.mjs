// `doctor` against the emulator, with one fault after the other: it names each, fails for it, and
// says how to mend it.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { equal, match, ok } from '../conformance/harness.mjs';
import { cli, emulated, folder, npx, onTerminal } from './command.mjs';
import { FAULTS, file, identity } from './doctor-faults.mjs';

/** What the doctor says, as data. */
export const examined = async (args, env, run = cli) => {
  const { status, stdout, stderr } = await run(['doctor', '--json', ...args], { env });
  equal(stderr, '', 'standard error');
  const { ok: good, checks } = JSON.parse(stdout);
  equal(status, good ? 0 : 1, 'status');
  const found = (state) =>
    checks.filter((check) => check.status === state).map(({ name, fault }) => `${name} ${fault}`);
  for (const { name, status: state, message, remedy } of checks) {
    match(message, /^.+[.!]$/s, `${name}: message`);
    if (state === 'failed' || state === 'warning')
      match(remedy, /^.+[.)]|https:.*$/s, `${name}: remedy`);
  }
  return { good, checks, failed: found('failed'), warnings: found('warning') };
};

const faults = (test) => {
  for (const {
    fault,
    options,
    listening,
    trusted,
    known,
    spoil,
    args = [],
    env = () => ({}),
    failed,
    warnings = [],
    says,
  } of FAULTS) {
    test(`names it: ${fault}`, async () => {
      const made = await emulated(options, trusted ? { tls: true } : listening);
      const { emulator, server } = made;
      try {
        const trust = trusted ? ['--ca', await file('ca.pem', server.caCertificate)] : [];
        if (known) await cli(['session', known], { env: made.env });
        spoil?.(emulator);
        const given = typeof args === 'function' ? await args(made) : args;
        const all = { ...made.env, ...env({ apiKey: emulator.apiKey, url: server.url }) };
        const found = await examined([...trust, ...given], all);
        equal(found.failed, failed, 'failed');
        equal(found.warnings, warnings, 'warnings');
        if (says)
          match(
            found.checks.map(({ message, remedy }) => `${message} ${remedy}`).join('\n'),
            says,
            'what it says',
          );
      } finally {
        await server.close();
      }
    });
  }
};

/** Each region's host leads to an emulator of its own: loaded into the command before it starts. */
const HOSTS = `
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
const hosts = JSON.parse(process.env.TEST_HOSTS);
https.request = (url, options, callback) => http.request(new URL(new URL(url).pathname, hosts[new URL(url).hostname]), options, callback);
syncBuiltinESMExports();
`;

const regions = (test) => {
  const inRegions = async (body) => {
    const all = { eu: await emulated(), sg: await emulated(), us: await emulated() };
    const hosts = Object.fromEntries(
      Object.entries(all).map(([region, { server }]) => [`apix.${region}.amity.co`, server.url]),
    );
    const preload = pathToFileURL(join(await folder(), await file('hosts.mjs', HOSTS))).href;
    const env = {
      ...all.us.without('SOCIAL_PLUS_ENDPOINT', 'SOCIAL_PLUS_ADMIN_TOKEN'),
      TEST_HOSTS: JSON.stringify(hosts),
      NODE_OPTIONS: `--import=${preload}`,
    };
    try {
      await body({ ...all, env });
    } finally {
      for (const { server } of Object.values(all)) await server.close();
    }
  };
  test('names it: the region is wrong, and which one is right', () =>
    inRegions(async ({ env }) => {
      equal((await examined(['--region', 'us'], env)).failed, [], 'in the right one');
      const found = await examined(['--region', 'EU', '--all-regions'], env);
      equal(found.failed, ['apiKey wrongRegion', 'serverKey serverKeyRefused'], 'failed');
      match(
        found.checks.find(({ name }) => name === 'apiKey').message,
        /Region us knows it/,
        'message',
      );
    }));
  test('the other regions see the API key only if that is asked for', () =>
    inRegions(async ({ env, eu, sg, us }) => {
      const found = await examined([], { ...env, SOCIAL_PLUS_REGION: 'eu' });
      equal(found.failed, ['apiKey apiKeyUnknown', 'serverKey serverKeyRefused'], 'failed');
      match(found.checks.find(({ name }) => name === 'apiKey').remedy, /--all-regions/, 'remedy');
      equal(
        [sg, us].map(({ emulator }) => emulator.requests.length),
        [0, 0],
        'requests elsewhere',
      );
      ok(eu.emulator.requests.length > 0, 'nothing was asked in eu');
      const unknown = await examined(['--all-regions'], {
        ...env,
        SOCIAL_PLUS_REGION: 'eu',
        SOCIAL_PLUS_API_KEY: 'another',
      });
      match(
        unknown.checks.find(({ name }) => name === 'apiKey').message,
        /No other region knows it/,
        'message',
      );
    }));
};

export const doctor = ({ test }) => {
  test('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    const { emulator, server, env } = await emulated({ secureVisitorMode: true });
    try {
      const found = await examined(['--user', 'ada', '--visitor'], env, npx);
      equal([found.failed, found.warnings], [[], []], 'failed, warnings');
      const good = found.checks.filter(({ status }) => status === 'ok').map(({ name }) => name);
      equal(
        good,
        [
          'address',
          'keys',
          'network',
          'clock',
          'apiKey',
          'adminToken',
          'serverKey',
          'secureMode',
          'session',
          'visitor',
        ],
        'checks',
      );
      equal(
        emulator.sessions().map(({ valid }) => valid),
        [false, false],
        'sessions',
      );
    } finally {
      await server.close();
    }
  });
  test('signs nobody in unasked', async () => {
    for (const secureMode of [true, false]) {
      const { emulator, server, env } = await emulated({ secureMode });
      await examined([], env);
      equal([emulator.users(), emulator.sessions()], [[], []], 'users, sessions');
      await server.close();
    }
  });
  test('with mTLS and the right certificate nothing is wrong', async () => {
    const { emulator, server, env } = await emulated({ mtls: true }, { tls: true });
    try {
      const trust = ['--ca', await file('ca.pem', server.caCertificate)];
      const found = await examined([...trust, ...(await identity(emulator, 'right'))], env);
      equal([found.failed, found.warnings], [[], []], 'failed, warnings');
    } finally {
      await server.close();
    }
  });
  test('as text: a line for each check, the remedy below it, and the count', async () => {
    const { server, env } = await emulated({ secureMode: false });
    try {
      const { status, stdout, stderr } = await cli(['doctor'], { env });
      equal([status, stderr], [1, ''], 'status, standard error');
      match(stdout, /^ok +network +The service answers/m, 'a good one');
      match(
        stdout,
        /^FAILED +secureMode +Secure mode is off: .* \[secureModeOff\]\n {28}Turn it on once every client/m,
        'the bad one',
      );
      match(stdout, /\n1 of \d+ checks failed\.\n$/, 'the count');
    } finally {
      await server.close();
    }
  });
  test('on a terminal it asks for the usual keys, and takes none for an answer', async () => {
    const { server, env } = await emulated();
    try {
      const { SOCIAL_PLUS_API_KEY: apiKey, SOCIAL_PLUS_ENDPOINT } = env;
      const typed = [
        [/^API key \(empty.*\): $/, `${apiKey}\r`],
        [/server key \(empty.*\): $/, '\r'],
      ];
      const { status, stdout } = await onTerminal(['doctor'], typed, { SOCIAL_PLUS_ENDPOINT });
      equal(status, 0, 'status');
      match(stdout, /ok +apiKey/, 'the API key');
      match(stdout, /WARNING +keys +There is no server key/, 'the server key');
    } finally {
      await server.close();
    }
  });
  test('a service that words its refusal otherwise is one all the same', async () => {
    const { emulator, server, env } = await emulated();
    try {
      emulator.faults.add({
        path: '/api/v3/sessions',
        status: 400,
        body: '{"status":"error","code":400000,"message":"Bad request."}',
      });
      equal((await examined([], env)).failed, [], 'failed');
    } finally {
      await server.close();
    }
  });
  test('what answers there but is no service is told', async () => {
    const server = createServer((request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
    );
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    const found = await examined(['--endpoint', endpoint], {
      SOCIAL_PLUS_API_KEY: 'key',
      SOCIAL_PLUS_SERVER_KEY: 'another',
    });
    server.close();
    equal(found.failed, ['network notTheService'], 'failed');
  });
  faults(test);
  regions(test);
};

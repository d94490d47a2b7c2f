// `doctor` against the emulator, with one fault after the other: it names each, fails for it, and says how to mend it.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keyAndRequest } from '../conformance/csr.mjs';
import { equal, match, ok } from '../conformance/harness.mjs';
import { cli, emulated, folder, npx, onTerminal } from './command.mjs';

const DAY = 86_400_000;
const always = { times: Infinity };

/** What the doctor says, as data. */
export const examined = async (args, env, run = cli) => {
  const { status, stdout, stderr } = await run(['doctor', '--json', ...args], { env });
  equal(stderr, '', 'standard error');
  const { ok: good, checks } = JSON.parse(stdout);
  equal(status, good ? 0 : 1, 'status');
  const found = (state) => checks.filter((check) => check.status === state).map(({ name, fault }) => `${name} ${fault}`);
  for (const { name, status: state, message, remedy } of checks) {
    match(message, /^.+[.!]$/s, `${name}: message`);
    if (state === 'failed' || state === 'warning') match(remedy, /^.+[.)]|https:.*$/s, `${name}: remedy`);
  }
  return { good, checks, failed: found('failed'), warnings: found('warning') };
};

const file = async (name, text) => {
  await writeFile(join(await folder(), name), text);
  return name;
};

/** A key and a certificate for it, in files, and the arguments that name them. */
const identity = async (emulator, name, notAfter) => {
  const { key, csr } = keyAndRequest(name);
  const cert = await emulator.createCertificate({ name, csr, notAfter });
  return ['--client-cert', await file(`${name}.pem`, cert), '--client-key', await file(`${name}-key.pem`, key)];
};

/**
 * Each of them: what it is, the emulator's `options` (and `listening` over TLS), what `spoil` does to the emulator, the arguments and the
 * environment; then the checks that must fail, all of them, and no other.
 */
const FAULTS = [
  { fault: 'the network is unreachable', env: () => ({ SOCIAL_PLUS_ENDPOINT: 'http://127.0.0.1:1' }), failed: ['network unreachable'] },
  { fault: 'the host has no name', env: () => ({ SOCIAL_PLUS_ENDPOINT: 'https://nowhere.invalid' }), failed: ['network unknownHost'] },
  { fault: 'neither region nor endpoint', env: () => ({ SOCIAL_PLUS_ENDPOINT: '' }), failed: ['address addressMissing'] },
  { fault: 'both region and endpoint', args: ['--region', 'eu', '--endpoint', 'https://a.test'], failed: ['address addressMissing'] },
  { fault: 'an unknown region', args: ['--region', 'mars'], failed: ['address addressRefused'] },
  { fault: 'an endpoint that sends keys in the clear', args: ['--endpoint', 'http://service.test'], failed: ['address addressRefused'] },
  { fault: 'no API key', env: () => ({ SOCIAL_PLUS_API_KEY: '' }), failed: ['keys apiKeyMissing'] },
  {
    fault: 'no server key',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: '' }),
    failed: [],
    warnings: ['keys serverKeyMissing'],
  },
  {
    fault: 'quotes around a key',
    env: ({ apiKey }) => ({ SOCIAL_PLUS_API_KEY: `"${apiKey}"` }),
    failed: ['keys keyMalformed', 'apiKey apiKeyUnknown'],
  },
  {
    fault: 'a placeholder as key',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: 'YOUR_SERVER_KEY' }),
    failed: ['keys keyMalformed', 'serverKey serverKeyRefused'],
  },
  {
    fault: 'the API key in the place of the server key',
    env: ({ apiKey }) => ({ SOCIAL_PLUS_SERVER_KEY: apiKey }),
    failed: ['keys sameKeyTwice', 'serverKey serverKeyRefused'],
  },
  { fault: 'an API key that is not known', env: () => ({ SOCIAL_PLUS_API_KEY: 'another' }), failed: ['apiKey apiKeyUnknown'] },
  { fault: 'a server key that is wrong', env: () => ({ SOCIAL_PLUS_SERVER_KEY: 'another' }), failed: ['serverKey serverKeyRefused'] },
  { fault: 'secure mode is off', options: { secureMode: false }, failed: ['secureMode secureModeOff'] },
  {
    fault: 'secure mode is off, as the admin token tells',
    options: { secureMode: false },
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: '' }),
    failed: ['secureMode secureModeOff'],
    warnings: ['keys serverKeyMissing'],
  },
  {
    fault: 'a clock that is two hours ahead',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: -7_200_000 }),
    failed: ['clock clockSkew'],
    says: /2 hours ahead/,
  },
  {
    fault: 'a clock that is ten minutes behind',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: 600_000 }),
    failed: ['clock clockSkew'],
    says: /10 minutes behind/,
  },
  {
    fault: 'a clock that is a minute behind',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: 60_000 }),
    failed: [],
    warnings: ['clock clockSkew'],
  },
  {
    fault: 'a proxy answers with a page',
    spoil: ({ faults }) => faults.add({ ...always, status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }),
    failed: ['network pageInstead'],
  },
  {
    fault: 'a proxy wants to be asked first',
    spoil: ({ faults }) => faults.add({ ...always, status: 302, headers: { location: 'https://proxy.test/' }, body: '' }),
    failed: ['network redirected'],
  },
  {
    fault: 'the endpoint is not the service',
    spoil: ({ faults }) => faults.add({ ...always, status: 404, body: '{}' }),
    failed: ['network notTheService'],
  },
  {
    fault: 'the service says too many calls',
    spoil: ({ faults }) => faults.add({ ...always, status: 429, headers: { 'retry-after': '7' }, body: '{}' }),
    failed: ['network rateLimited'],
    says: /7 seconds/,
  },
  {
    fault: 'too many session calls',
    spoil: ({ faults }) => faults.add({ ...always, path: '/api/v5/sessions', status: 429, body: '{}' }),
    failed: ['apiKey rateLimited', 'session rateLimited'],
    args: ['--user', 'ada'],
  },
  {
    fault: 'the service is down',
    spoil: ({ faults }) => faults.add({ ...always, status: 503, body: '' }),
    failed: ['network serviceFailing'],
  },
  {
    fault: 'the service does not answer in time',
    spoil: ({ faults }) => faults.add({ ...always, delayMs: 60_000 }),
    args: ['--timeout', '0.3'],
    failed: ['network tooSlow'],
  },
  { fault: 'the connection breaks', spoil: ({ faults }) => faults.add({ ...always, drop: true }), failed: ['network unreachable'] },
  {
    fault: 'the test user is banned',
    args: ['--user', 'ada'],
    spoil: (emulator) => emulator.banUser('ada'),
    known: 'ada',
    failed: ['session userBanned'],
  },
  {
    fault: 'the test user is deleted',
    args: ['--user', 'ada'],
    spoil: (emulator) => emulator.deleteUser('ada'),
    known: 'ada',
    failed: ['session userDeleted'],
  },
  { fault: 'the test user has an id that is reserved', args: ['--user', 'ADMIN_ada'], failed: ['session userIdRefused'] },
  {
    fault: 'the keys are of two networks',
    args: ['--user', 'ada'],
    spoil: ({ faults }) => faults.add({ path: '/api/v4/authentication/token', body: '"sAnAuthTokenOfAnotherNetwork"', status: 200 }),
    failed: ['session keysOfTwoNetworks'],
  },
  { fault: 'visitors are not let in', args: ['--visitor'], options: { visitors: false }, failed: ['visitor visitorsOff'] },
  {
    fault: 'the visitor secret is wrong',
    args: ['--visitor'],
    options: { secureVisitorMode: true },
    env: () => ({ SOCIAL_PLUS_VISITOR_SECRET: 'another' }),
    failed: ['visitor visitorSignatureRefused'],
  },
  {
    fault: 'there is no visitor secret',
    args: ['--visitor'],
    options: { secureVisitorMode: true },
    env: () => ({ SOCIAL_PLUS_VISITOR_SECRET: '' }),
    failed: ['visitor visitorSignatureMissing'],
  },
  { fault: 'the admin token is wrong', env: () => ({ SOCIAL_PLUS_ADMIN_TOKEN: 'another' }), failed: ['adminToken adminTokenRefused'] },
  {
    fault: 'the admin token expires soon',
    options: { adminTokenLifetimeMs: 10 * DAY },
    failed: [],
    warnings: ['adminToken adminTokenExpiring'],
  },
  {
    fault: 'the server key is old',
    options: { now: Date.now() - 400 * DAY, adminTokenLifetimeMs: 1000 * DAY },
    failed: [],
    spoil: ({ clock }) => clock.set(Date.now()),
    warnings: ['serverKeyAge serverKeyOld'],
  },
  { fault: "the server's certificate is not trusted", listening: { tls: true }, args: [], failed: ['network serverCertificateUntrusted'] },
  {
    fault: 'TLS where none is spoken',
    env: ({ url }) => ({ SOCIAL_PLUS_ENDPOINT: url.replace('http:', 'https:') }),
    failed: ['network noTls'],
  },
  {
    fault: 'mTLS without a client certificate',
    options: { mtls: true },
    trusted: true,
    failed: ['adminToken clientCertificateMissing', 'serverKey clientCertificateMissing'],
  },
  {
    fault: 'mTLS with a certificate of somebody else',
    options: { mtls: true },
    trusted: true,
    args: async () => {
      const { emulator, server } = await emulated();
      const named = await identity(emulator, 'foreign');
      await server.close();
      return named;
    },
    failed: ['adminToken clientCertificateRefused', 'serverKey clientCertificateRefused'],
  },
  {
    fault: 'a client certificate that has expired',
    options: { mtls: true },
    trusted: true,
    args: ({ emulator }) => identity(emulator, 'expired', new Date(Date.now() - DAY)),
    failed: ['clientCertificate clientCertificateExpired', 'adminToken clientCertificateRefused', 'serverKey clientCertificateRefused'],
  },
  {
    fault: 'a client certificate that expires soon',
    options: { mtls: true },
    trusted: true,
    args: ({ emulator }) => identity(emulator, 'expiring', new Date(Date.now() + 5.5 * DAY)),
    failed: [],
    warnings: ['clientCertificate clientCertificateExpiring'],
    says: /in 5 days/,
  },
  {
    fault: 'the key of another certificate',
    args: async ({ emulator }) => [
      '--client-cert',
      (await identity(emulator, 'one'))[1],
      '--client-key',
      (await identity(emulator, 'two'))[3],
    ],
    failed: ['clientCertificate clientKeyMismatch'],
  },
  {
    fault: 'a certificate that is none',
    args: async () => ['--client-cert', await file('none.pem', 'nothing'), '--client-key', await file('none-key.pem', 'nothing')],
    failed: ['clientCertificate clientCertificateUnreadable'],
  },
  {
    fault: 'a certificate file that is missing',
    args: ['--client-cert', 'nowhere.pem', '--client-key', 'nowhere.pem'],
    failed: ['clientCertificate certificateFiles'],
  },
];

const faults = (test) => {
  for (const { fault, options, listening, trusted, known, spoil, args = [], env = () => ({}), failed, warnings = [], says } of FAULTS) {
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
        if (says) match(found.checks.map(({ message, remedy }) => `${message} ${remedy}`).join('\n'), says, 'what it says');
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
    const hosts = Object.fromEntries(Object.entries(all).map(([region, { server }]) => [`apix.${region}.amity.co`, server.url]));
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
      match(found.checks.find(({ name }) => name === 'apiKey').message, /Region us knows it/, 'message');
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
      const unknown = await examined(['--all-regions'], { ...env, SOCIAL_PLUS_REGION: 'eu', SOCIAL_PLUS_API_KEY: 'another' });
      match(unknown.checks.find(({ name }) => name === 'apiKey').message, /No other region knows it/, 'message');
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
        ['address', 'keys', 'network', 'clock', 'apiKey', 'adminToken', 'serverKey', 'secureMode', 'session', 'visitor'],
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
      match(stdout, /^FAILED +secureMode +Secure mode is off: .* \[secureModeOff\]\n {28}Turn it on once every client/m, 'the bad one');
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
      emulator.faults.add({ path: '/api/v3/sessions', status: 400, body: '{"status":"error","code":400000,"message":"Bad request."}' });
      equal((await examined([], env)).failed, [], 'failed');
    } finally {
      await server.close();
    }
  });
  test('what answers there but is no service is told', async () => {
    const server = createServer((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    const found = await examined(['--endpoint', endpoint], { SOCIAL_PLUS_API_KEY: 'key', SOCIAL_PLUS_SERVER_KEY: 'another' });
    server.close();
    equal(found.failed, ['network notTheService'], 'failed');
  });
  faults(test);
  regions(test);
};

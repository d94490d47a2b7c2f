// Lists the faults that a setup can have, and the checks of `doctor` that must report each fault.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyAndRequest } from '../conformance/csr.mjs';
import { getProjectPath, guard, startEmulator } from './command.mjs';

const DAY_MS = 86_400_000;
/** A password in addresses that `doctor` refuses. No message may repeat the password. */
const PASSWORD = guard('hunter2-never-print');
const always = { times: Infinity };

/** Writes a file into the project, and returns its name there. */
export const writeProjectFile = async (name, text) => {
  await writeFile(join(await getProjectPath(), name), text);
  return name;
};

/** Writes a client certificate and its key, and returns the options that name them. */
export const writeIdentity = async (emulator, name, notAfter) => {
  const { key, csr } = createKeyAndRequest(name);
  const cert = await emulator.createCertificate({ name, csr, notAfter });
  return [
    '--client-cert',
    await writeProjectFile(`${name}.pem`, cert),
    '--client-key',
    await writeProjectFile(`${name}-key.pem`, key),
  ];
};

/**
 * Each fault has a `title`. `failed` and `warnings` list the checks that must fail or warn, each as
 * its name and its fault; no other check may fail or warn. `message` must match the messages and
 * remedies. The other properties set up the fault:
 *
 * - `options` and `listenOptions` go to the emulator.
 * - `isTlsTrusted` makes the emulator serve TLS with a certificate that the command trusts.
 * - `signedIn` is a user who gets a session first, and `spoil` then changes the emulator.
 * - `args` are added to the command line, and `env` changes the environment.
 */
export const FAULTS = [
  {
    title: 'an unreachable host',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: 'http://127.0.0.1:1' }),
    failed: ['network unreachable'],
  },
  {
    title: 'an unknown host name',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: 'https://nowhere.invalid' }),
    failed: ['network unknownHost'],
  },
  {
    title: 'neither a region nor an endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: '' }),
    failed: ['address addressMissing'],
  },
  {
    title: 'both a region and an endpoint',
    env: () => ({ SOCIAL_PLUS_REGION: 'eu' }),
    failed: ['address addressAmbiguous'],
  },
  { title: 'an unknown region', args: ['--region', 'mars'], failed: ['address addressRefused'] },
  {
    title: 'a user name and a password in the endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `https://user:${PASSWORD}@service.invalid` }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a password in the endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `https://:${PASSWORD}@service.invalid` }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a password in an endpoint without a scheme',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `user:${PASSWORD}@service.invalid` }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a password in the query of the endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `https://service.invalid/?a=${PASSWORD}` }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a password instead of an endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: PASSWORD }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a password instead of a region',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: '', SOCIAL_PLUS_REGION: PASSWORD }),
    failed: ['address addressRefused'],
  },
  {
    title: 'an http: endpoint on another host',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: 'http://service.test' }),
    failed: ['address addressRefused'],
  },
  {
    title: 'a missing API key',
    env: () => ({ SOCIAL_PLUS_API_KEY: '' }),
    failed: ['keys apiKeyMissing'],
  },
  {
    title: 'a missing server key',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: '' }),
    failed: [],
    warnings: ['keys serverKeyMissing'],
  },
  {
    title: 'quotes around a key',
    env: ({ apiKey }) => ({ SOCIAL_PLUS_API_KEY: `"${apiKey}"` }),
    failed: ['keys keyMalformed', 'apiKey apiKeyUnknown'],
  },
  {
    title: 'a placeholder instead of a key',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: 'YOUR_SERVER_KEY' }),
    failed: ['keys keyMalformed', 'serverKey serverKeyRefused'],
  },
  {
    title: 'the API key in place of the server key',
    env: ({ apiKey }) => ({ SOCIAL_PLUS_SERVER_KEY: apiKey }),
    failed: ['keys sameKeyTwice', 'serverKey serverKeyRefused'],
  },
  {
    title: 'an unknown API key',
    env: () => ({ SOCIAL_PLUS_API_KEY: 'another' }),
    failed: ['apiKey apiKeyUnknown'],
  },
  {
    title: 'a wrong server key',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: 'another' }),
    failed: ['serverKey serverKeyRefused'],
  },
  {
    title: 'secure mode that is off',
    options: { secureMode: false },
    failed: ['secureMode secureModeOff'],
  },
  {
    title: 'secure mode that is off, if only the admin token can show it',
    options: { secureMode: false },
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: '' }),
    failed: ['secureMode secureModeOff'],
    warnings: ['keys serverKeyMissing'],
  },
  {
    title: 'a clock two hours ahead',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: -7_200_000 }),
    failed: ['clock clockSkew'],
    message: /2 hours ahead/,
  },
  {
    title: 'a clock ten minutes behind',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: 600_000 }),
    failed: ['clock clockSkew'],
    message: /10 minutes behind/,
  },
  {
    title: 'a clock one minute behind',
    spoil: ({ faults }) => faults.add({ ...always, clockSkewMs: 60_000 }),
    failed: [],
    warnings: ['clock clockSkew'],
  },
  {
    title: 'a proxy that responds with an HTML page',
    spoil: ({ faults }) =>
      faults.add({
        ...always,
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html>Sign in</html>',
      }),
    failed: ['network pageInstead'],
  },
  {
    title: 'a proxy that redirects',
    spoil: ({ faults }) =>
      faults.add({
        ...always,
        status: 302,
        headers: { location: 'https://proxy.test/' },
        body: '',
      }),
    failed: ['network redirected'],
  },
  {
    title: 'an endpoint of another service',
    spoil: ({ faults }) => faults.add({ ...always, status: 404, body: '{}' }),
    failed: ['network notTheService'],
  },
  {
    title: 'a session that cannot be revoked',
    args: ['--user', 'ada', '--visitor'],
    spoil: ({ faults }) => faults.add({ ...always, method: 'DELETE', status: 503, body: '{}' }),
    failed: [],
    warnings: ['session sessionNotRevoked', 'visitor sessionNotRevoked'],
  },
  {
    title: 'a rate limit for all calls',
    spoil: ({ faults }) =>
      faults.add({ ...always, status: 429, headers: { 'retry-after': '7' }, body: '{}' }),
    failed: ['network rateLimited'],
    message: /7 seconds/,
  },
  {
    title: 'a rate limit for session calls',
    spoil: ({ faults }) =>
      faults.add({ ...always, path: '/api/v5/sessions', status: 429, body: '{}' }),
    failed: ['apiKey rateLimited', 'session rateLimited'],
    args: ['--user', 'ada'],
  },
  {
    title: 'a service that is down',
    spoil: ({ faults }) => faults.add({ ...always, status: 503, body: '' }),
    failed: ['network serviceFailing'],
  },
  {
    title: 'a service that is too slow',
    spoil: ({ faults }) => faults.add({ ...always, delayMs: 60_000 }),
    args: ['--timeout', '0.3'],
    failed: ['network tooSlow'],
  },
  {
    title: 'a broken connection',
    spoil: ({ faults }) => faults.add({ ...always, drop: true }),
    failed: ['network unreachable'],
  },
  {
    title: 'a banned test user',
    args: ['--user', 'ada'],
    spoil: (emulator) => emulator.banUser('ada'),
    signedIn: 'ada',
    failed: ['session userBanned'],
  },
  {
    title: 'a deleted test user',
    args: ['--user', 'ada'],
    spoil: (emulator) => emulator.deleteUser('ada'),
    signedIn: 'ada',
    failed: ['session userDeleted'],
  },
  {
    title: 'a reserved user id',
    args: ['--user', 'ADMIN_ada'],
    failed: ['session userIdRefused'],
  },
  {
    title: 'an API key and a server key of different networks',
    args: ['--user', 'ada'],
    spoil: ({ faults }) =>
      faults.add({
        path: '/api/v4/authentication/token',
        body: '"sAnAuthTokenOfAnotherNetwork"',
        status: 200,
      }),
    failed: ['session keysOfTwoNetworks'],
  },
  {
    title: 'visitor mode that is off',
    args: ['--visitor'],
    options: { visitors: false },
    failed: ['visitor visitorsOff'],
  },
  {
    title: 'a wrong visitor secret',
    args: ['--visitor'],
    options: { secureVisitorMode: true },
    env: () => ({ SOCIAL_PLUS_VISITOR_SECRET: 'another' }),
    failed: ['visitor visitorSignatureRefused'],
  },
  {
    title: 'a missing visitor secret',
    args: ['--visitor'],
    options: { secureVisitorMode: true },
    env: () => ({ SOCIAL_PLUS_VISITOR_SECRET: '' }),
    failed: ['visitor visitorSignatureMissing'],
  },
  {
    title: 'a wrong admin token',
    env: () => ({ SOCIAL_PLUS_ADMIN_TOKEN: 'another' }),
    failed: ['adminToken adminTokenRefused'],
  },
  {
    title: 'an admin token that expires soon',
    options: { adminTokenLifetimeMs: 10 * DAY_MS },
    failed: [],
    warnings: ['adminToken adminTokenExpiring'],
  },
  {
    title: 'an old server key',
    options: { now: Date.now() - 400 * DAY_MS, adminTokenLifetimeMs: 1000 * DAY_MS },
    failed: [],
    spoil: ({ clock }) => clock.set(Date.now()),
    warnings: ['serverKeyAge serverKeyOld'],
  },
  {
    title: 'an untrusted server certificate',
    listenOptions: { tls: true },
    args: [],
    failed: ['network serverCertificateUntrusted'],
  },
  {
    title: 'an https: endpoint whose server has no TLS',
    env: ({ url }) => ({ SOCIAL_PLUS_ENDPOINT: url.replace('http:', 'https:') }),
    failed: ['network noTls'],
  },
  {
    title: 'mTLS without a client certificate',
    options: { mtls: true },
    isTlsTrusted: true,
    failed: ['adminToken clientCertificateMissing', 'serverKey clientCertificateMissing'],
  },
  {
    title: 'mTLS with a client certificate of another network',
    options: { mtls: true },
    isTlsTrusted: true,
    args: async () => {
      const { emulator, server } = await startEmulator();
      const options = await writeIdentity(emulator, 'foreign');
      await server.close();
      return options;
    },
    failed: ['adminToken clientCertificateRefused', 'serverKey clientCertificateRefused'],
  },
  {
    title: 'an expired client certificate',
    options: { mtls: true },
    isTlsTrusted: true,
    args: ({ emulator }) => writeIdentity(emulator, 'expired', new Date(Date.now() - DAY_MS)),
    failed: [
      'clientCertificate clientCertificateExpired',
      'adminToken clientCertificateRefused',
      'serverKey clientCertificateRefused',
    ],
  },
  {
    title: 'a client certificate that expires soon',
    options: { mtls: true },
    isTlsTrusted: true,
    args: ({ emulator }) =>
      writeIdentity(emulator, 'expiring', new Date(Date.now() + 5.5 * DAY_MS)),
    failed: [],
    warnings: ['clientCertificate clientCertificateExpiring'],
    message: /in 5 days/,
  },
  {
    title: 'a client key that belongs to another certificate',
    args: async ({ emulator }) => [
      '--client-cert',
      (await writeIdentity(emulator, 'one'))[1],
      '--client-key',
      (await writeIdentity(emulator, 'two'))[3],
    ],
    failed: ['clientCertificate clientKeyMismatch'],
  },
  {
    title: 'a client certificate file without a certificate',
    args: async () => [
      '--client-cert',
      await writeProjectFile('none.pem', 'nothing'),
      '--client-key',
      await writeProjectFile('none-key.pem', 'nothing'),
    ],
    failed: ['clientCertificate clientCertificateUnreadable'],
  },
  {
    title: 'a missing client certificate file',
    args: ['--client-cert', 'nowhere.pem', '--client-key', 'nowhere.pem'],
    failed: ['clientCertificate certificateFiles'],
  },
];

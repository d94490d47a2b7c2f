// What can be wrong between an app and the service, and which of the doctor's checks must say so.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyAndRequest } from '../conformance/csr.mjs';
import { emulated, folder, guardPrinted } from './command.mjs';

const DAY = 86_400_000;
/** What stands in addresses that are refused, and is never repeated. */
const PASSWORD = guardPrinted('hunter2-never-print');
const always = { times: Infinity };

/** A file in the project, by a name that the commands there know. */
export const file = async (name, text) => {
  await writeFile(join(await folder(), name), text);
  return name;
};

/** A key and a certificate for it, in files, and the arguments that name them. */
export const identity = async (emulator, name, notAfter) => {
  const { key, csr } = keyAndRequest(name);
  const cert = await emulator.createCertificate({ name, csr, notAfter });
  return [
    '--client-cert',
    await file(`${name}.pem`, cert),
    '--client-key',
    await file(`${name}-key.pem`, key),
  ];
};

/**
 * Each of them: what it is, the emulator's `options` (and `listening` over TLS), what `spoil` does
 * to the emulator, the arguments and the environment; then the checks that must fail, all of them,
 * and no other.
 */
export const FAULTS = [
  {
    fault: 'the network is unreachable',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: 'http://127.0.0.1:1' }),
    failed: ['network unreachable'],
  },
  {
    fault: 'the host has no name',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: 'https://nowhere.invalid' }),
    failed: ['network unknownHost'],
  },
  {
    fault: 'neither region nor endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: '' }),
    failed: ['address addressMissing'],
  },
  {
    fault: 'both region and endpoint',
    args: ['--region', 'eu', '--endpoint', 'https://a.test'],
    failed: ['address addressMissing'],
  },
  { fault: 'an unknown region', args: ['--region', 'mars'], failed: ['address addressRefused'] },
  {
    fault: 'a user and a password in the endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `https://user:${PASSWORD}@service.invalid` }),
    failed: ['address addressRefused'],
  },
  {
    fault: 'a password in the endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: `https://:${PASSWORD}@service.invalid` }),
    failed: ['address addressRefused'],
  },
  {
    fault: 'a password in an endpoint without a scheme',
    args: ['--endpoint', `user:${PASSWORD}@service.invalid`],
    failed: ['address addressRefused'],
  },
  {
    fault: 'a password in a query',
    args: ['--endpoint', `https://service.invalid/?a=${PASSWORD}`],
    failed: ['address addressRefused'],
  },
  {
    fault: 'a password as endpoint',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: PASSWORD }),
    failed: ['address addressRefused'],
  },
  {
    fault: 'a password as region',
    env: () => ({ SOCIAL_PLUS_ENDPOINT: '', SOCIAL_PLUS_REGION: PASSWORD }),
    failed: ['address addressRefused'],
  },
  {
    fault: 'an endpoint that sends keys in the clear',
    args: ['--endpoint', 'http://service.test'],
    failed: ['address addressRefused'],
  },
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
  {
    fault: 'an API key that is not known',
    env: () => ({ SOCIAL_PLUS_API_KEY: 'another' }),
    failed: ['apiKey apiKeyUnknown'],
  },
  {
    fault: 'a server key that is wrong',
    env: () => ({ SOCIAL_PLUS_SERVER_KEY: 'another' }),
    failed: ['serverKey serverKeyRefused'],
  },
  {
    fault: 'secure mode is off',
    options: { secureMode: false },
    failed: ['secureMode secureModeOff'],
  },
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
    fault: 'a proxy wants to be asked first',
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
    fault: 'the endpoint is not the service',
    spoil: ({ faults }) => faults.add({ ...always, status: 404, body: '{}' }),
    failed: ['network notTheService'],
  },
  {
    fault: 'the service says too many calls',
    spoil: ({ faults }) =>
      faults.add({ ...always, status: 429, headers: { 'retry-after': '7' }, body: '{}' }),
    failed: ['network rateLimited'],
    says: /7 seconds/,
  },
  {
    fault: 'too many session calls',
    spoil: ({ faults }) =>
      faults.add({ ...always, path: '/api/v5/sessions', status: 429, body: '{}' }),
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
  {
    fault: 'the connection breaks',
    spoil: ({ faults }) => faults.add({ ...always, drop: true }),
    failed: ['network unreachable'],
  },
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
  {
    fault: 'the test user has an id that is reserved',
    args: ['--user', 'ADMIN_ada'],
    failed: ['session userIdRefused'],
  },
  {
    fault: 'the keys are of two networks',
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
    fault: 'visitors are not let in',
    args: ['--visitor'],
    options: { visitors: false },
    failed: ['visitor visitorsOff'],
  },
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
  {
    fault: 'the admin token is wrong',
    env: () => ({ SOCIAL_PLUS_ADMIN_TOKEN: 'another' }),
    failed: ['adminToken adminTokenRefused'],
  },
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
  {
    fault: "the server's certificate is not trusted",
    listening: { tls: true },
    args: [],
    failed: ['network serverCertificateUntrusted'],
  },
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
    failed: [
      'clientCertificate clientCertificateExpired',
      'adminToken clientCertificateRefused',
      'serverKey clientCertificateRefused',
    ],
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
    args: async () => [
      '--client-cert',
      await file('none.pem', 'nothing'),
      '--client-key',
      await file('none-key.pem', 'nothing'),
    ],
    failed: ['clientCertificate clientCertificateUnreadable'],
  },
  {
    fault: 'a certificate file that is missing',
    args: ['--client-cert', 'nowhere.pem', '--client-key', 'nowhere.pem'],
    failed: ['clientCertificate certificateFiles'],
  },
];

// `emulator`: the service on this machine, until Ctrl-C. Standard output gets lines that a shell
// and `node --env-file` understand.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, listen } from '../../emulator/node.js';
import { duration, number } from '../arguments.js';
import { CREDENTIALS } from '../credentials.js';
import { line, note, printJson } from '../output.js';
import { Refusal } from '../refusal.js';

/**
 * What the options of the command line are called among `EmulatorOptions`. Left out where nothing
 * was said.
 */
const settings = (values, log) => {
  const on = (name, value = true) => (values[name] ? value : undefined);
  const given = {
    secureMode: on('secure-mode') ?? on('mtls'),
    visitors: on('no-visitors', false),
    bots: on('no-bots', false),
    secureVisitorMode: on('secure-visitor-mode'),
    visitorDailyQuota: number(values, 'visitor-quota'),
    accessTokenLifetimeMs: duration(values, 'access-token-lifetime'),
    authTokenLifetimeMs: duration(values, 'auth-token-lifetime'),
    adminTokenLifetimeMs: duration(values, 'admin-token-lifetime'),
    mtls: on('mtls'),
    seed: number(values, 'seed'),
    onRequest:
      log && (({ method, path, status }) => note(`${status || 'dropped'} ${method} ${path}`)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

/** Resolves when the command is to end. */
const ended = () =>
  new Promise((resolve) =>
    ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, resolve)),
  );

/** Certificates stand in files, since that is how every client takes them. */
const certificates = async (emulator, folder, { caCertificate }, csrFile) => {
  const files = { SOCIAL_PLUS_CA_FILE: [join(folder, 'ca.pem'), caCertificate] };
  if (csrFile) {
    const csr = await readFile(csrFile, 'utf8').catch(({ code }) => {
      throw new Refusal(`The certificate request ${csrFile} cannot be read (${code}).`);
    });
    files.SOCIAL_PLUS_CLIENT_CERT_FILE = [
      join(folder, 'client.pem'),
      await emulator.createCertificate({ name: 'command line', csr }),
    ];
  }
  for (const [file, content] of Object.values(files)) await writeFile(file, content);
  return Object.fromEntries(Object.entries(files).map(([variable, [file]]) => [variable, file]));
};

const serve = async (emulator, values, folder) => {
  const tls = Boolean(folder);
  const server = await listen(emulator, {
    port: number(values, 'port', 0, 65_535),
    ...(tls && { tls }),
  });
  try {
    const files = tls ? await certificates(emulator, folder, server, values.csr) : {};
    const keys = ['apiKey', 'serverKey', 'adminToken', 'visitorSecret'];
    if (values.json) {
      printJson({
        url: server.url,
        ...Object.fromEntries(keys.map((key) => [key, emulator[key]])),
        files,
      });
    } else {
      line(`SOCIAL_PLUS_ENDPOINT=${server.url}`);
      for (const key of keys) line(`${CREDENTIALS[key].variable}=${emulator[key]}`);
      for (const [variable, file] of Object.entries(files)) line(`${variable}=${file}`);
    }
    note(`The emulator is at ${server.url}. Ctrl-C ends it.`);
    await ended();
  } finally {
    await server.close();
  }
};

export const emulator = {
  name: 'emulator',
  about:
    'Runs the service on this machine, in memory, until Ctrl-C. Prints its address and keys as lines for a shell or an env file.',
  options: {
    port: { type: 'string', hint: 'N', about: 'default: any free one' },
    'secure-mode': { type: 'boolean', about: 'a session needs an auth token' },
    'no-visitors': { type: 'boolean', about: 'visitors are not let in' },
    'no-bots': { type: 'boolean', about: 'bots are not let in' },
    'secure-visitor-mode': { type: 'boolean', about: 'visitors need a signature' },
    'visitor-quota': {
      type: 'string',
      hint: 'N',
      about: 'reads a day of all visitors and bots; default 100',
    },
    'access-token-lifetime': {
      type: 'string',
      hint: 'TIME',
      about: 'like 90s, 15m, 24h; default 30d',
    },
    'auth-token-lifetime': { type: 'string', hint: 'TIME', about: 'default 10m' },
    'admin-token-lifetime': { type: 'string', hint: 'TIME', about: 'default 365d' },
    seed: { type: 'string', hint: 'N', about: 'the same keys and tokens each time' },
    tls: { type: 'boolean', about: 'https, with a certificate of its own authority' },
    mtls: {
      type: 'boolean',
      about: 'also ask for client certificates; brings --tls and --secure-mode along',
    },
    csr: {
      type: 'string',
      hint: 'FILE',
      about: 'with --mtls: issue a client certificate for this request (PEM)',
    },
    log: { type: 'boolean', about: 'print each request' },
  },
  examples: [
    'social-plus-auth emulator --secure-mode --port 4000 --seed 1 --log',
    'social-plus-auth emulator --secure-mode > .env.emulator   # and in another terminal: node --env-file=.env.emulator app.js',
    'openssl req -new -newkey rsa:2048 -nodes -keyout client-key.pem -subj /CN=backend -out client.csr',
    'social-plus-auth emulator --mtls --csr client.csr',
  ],
  async run({ values }) {
    if (values.csr && !values.mtls) throw new Refusal('--csr goes with --mtls.');
    const emulator = await createEmulator(settings(values, values.log));
    if (!values.tls && !values.mtls) return serve(emulator, values);
    const folder = await mkdtemp(join(tmpdir(), 'social-plus-auth-'));
    try {
      await serve(emulator, values, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

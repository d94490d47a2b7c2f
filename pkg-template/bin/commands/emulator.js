// `emulator`: runs the emulated service on this machine until Ctrl-C. Without `--json`, it prints
// the address and the keys as lines that a shell and `node --env-file` understand.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { CREDENTIALS } from '../credentials.js';
import { parseDuration, parseNumber } from '../option-values.js';
import { printJson, printLine, printNote } from '../output.js';
import { readTextFile } from '../service.js';
import { UsageError } from '../usage-error.js';

/** @import { Arguments, Command } from '../arguments.js' */
/** @import { Emulator, EmulatorOptions, Listening } from 'social-plus-auth/emulator' */

const MAX_PORT = 65_535;

/** The keys of an emulator, in the order in which the command prints them. */
const KEYS = /** @type {const} */ (['apiKey', 'serverKey', 'adminToken', 'visitorSecret']);

/**
 * Translates the command line into options of the emulator. The result has no field for an absent
 * option, so that the emulator's default applies.
 *
 * @param {Arguments} given
 * @returns {EmulatorOptions}
 */
const toEmulatorOptions = ({ values, flags, lists }) => {
  /** @type {EmulatorOptions} */
  const options = {
    secureMode: flags.has('secure-mode') || flags.has('mtls') || undefined,
    visitors: flags.has('no-visitors') ? false : undefined,
    bots: flags.has('no-bots') ? false : undefined,
    secureVisitorMode: flags.has('secure-visitor-mode') || undefined,
    visitorDailyQuota: parseNumber(values, 'visitor-quota'),
    accessTokenLifetimeMs: parseDuration(values, 'access-token-lifetime'),
    authTokenLifetimeMs: parseDuration(values, 'auth-token-lifetime'),
    adminTokenLifetimeMs: parseDuration(values, 'admin-token-lifetime'),
    allowOrigins: lists['allow-origin'],
    mtls: flags.has('mtls') || undefined,
    seed: parseNumber(values, 'seed'),
    onRequest: flags.has('log')
      ? ({ method, path, status }) => printNote(`${status || 'dropped'} ${method} ${path}`)
      : undefined,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
};

/** Resolves when a signal asks the process to end. */
const waitForSignal = () =>
  new Promise((resolve) =>
    ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, resolve)),
  );

/**
 * Writes the certificates into the folder, because clients read certificates from files. Returns
 * the environment variables that contain the paths of the files.
 *
 * @param {Emulator} emulator
 * @param {Listening} server
 * @param {string} folder
 * @param {string | undefined} csrFile
 * @returns {Promise<Record<string, string>>}
 */
const writeCertificates = async (emulator, { caCertificate = '' }, folder, csrFile) => {
  const csr = await readTextFile(csrFile, 'certificate request');
  /** @type {Record<string, string>} */
  const files = { SOCIAL_PLUS_CA_FILE: join(folder, 'ca.pem') };
  await writeFile(join(folder, 'ca.pem'), caCertificate);
  if (csr === undefined) return files;
  const certificate = await emulator.createCertificate({ name: 'command line', csr });
  await writeFile(join(folder, 'client.pem'), certificate);
  return { ...files, SOCIAL_PLUS_CLIENT_CERT_FILE: join(folder, 'client.pem') };
};

/**
 * @param {Emulator} emulator
 * @param {string} url
 * @param {Record<string, string>} files
 * @param {boolean} json
 */
const printEnvironment = (emulator, url, files, json) => {
  if (json) {
    const keys = Object.fromEntries(KEYS.map((key) => [key, emulator[key]]));
    return printJson({ url, ...keys, files });
  }
  printLine(`SOCIAL_PLUS_ENDPOINT=${url}`);
  for (const key of KEYS) printLine(`${CREDENTIALS[key].variable}=${emulator[key]}`);
  for (const [variable, file] of Object.entries(files)) printLine(`${variable}=${file}`);
};

/**
 * Serves the emulator until a signal arrives: over HTTPS if the caller passes a folder for the
 * certificates, else over HTTP.
 *
 * @param {Emulator} emulator
 * @param {Arguments} given
 * @param {string} [folder]
 */
const serve = async (emulator, { values, flags }, folder) => {
  const port = parseNumber(values, 'port', 0, MAX_PORT);
  const server = await listen(emulator, folder ? { port, tls: true } : { port });
  try {
    const stopped = waitForSignal();
    const files = folder ? await writeCertificates(emulator, server, folder, values.csr) : {};
    printEnvironment(emulator, server.url, files, flags.has('json'));
    printNote(`The emulator is listening at ${server.url}. Press Ctrl-C to stop it.`);
    await stopped;
  } finally {
    await server.close();
  }
};

/** @type {Command} */
export const emulator = {
  name: 'emulator',
  about: 'Runs an emulator of the service on this machine, in memory, until Ctrl-C.',
  notes: ['Prints the address and the keys as NAME=value lines for a shell or an env file.'],
  options: {
    port: { type: 'string', hint: 'N', about: 'the port to listen on (default: any free port)' },
    'secure-mode': { type: 'boolean', about: 'require an auth token for each session' },
    'no-visitors': { type: 'boolean', about: 'reject visitors' },
    'no-bots': { type: 'boolean', about: 'reject bots' },
    'secure-visitor-mode': { type: 'boolean', about: 'require a signature from visitors' },
    'visitor-quota': {
      type: 'string',
      hint: 'N',
      about: 'daily reads of all visitors and bots together (default: 100)',
    },
    'access-token-lifetime': {
      type: 'string',
      hint: 'DURATION',
      about: 'like 90s, 15m, 24h (default: 30d)',
    },
    'auth-token-lifetime': { type: 'string', hint: 'DURATION', about: 'default: 10m' },
    'admin-token-lifetime': { type: 'string', hint: 'DURATION', about: 'default: 365d' },
    seed: { type: 'string', hint: 'N', about: 'generate the same keys and tokens on each run' },
    'allow-origin': {
      type: 'string',
      multiple: true,
      hint: 'ORIGIN',
      about: 'let pages of this origin read responses, as localhost pages can; may be repeated',
    },
    tls: { type: 'boolean', about: 'serve https with a certificate from its own authority' },
    mtls: {
      type: 'boolean',
      about: 'require client certificates; implies --tls and --secure-mode',
    },
    csr: {
      type: 'string',
      hint: 'FILE',
      about: 'with --mtls: issue a client certificate for this request (PEM)',
    },
    log: { type: 'boolean', about: 'print each request to standard error' },
  },
  examples: [
    'social-plus-auth emulator --secure-mode --port 4000 --seed 1 --log',
    'social-plus-auth emulator --secure-mode > .env.emulator',
    '  # then, in another terminal: node --env-file=.env.emulator app.js',
    'openssl req -new -newkey rsa:2048 -nodes -keyout client-key.pem -subj /CN=backend \\',
    '  -out client.csr',
    'social-plus-auth emulator --mtls --csr client.csr',
  ],
  async run(given) {
    const { values, flags } = given;
    if (values.csr && !flags.has('mtls')) throw new UsageError('--csr needs --mtls.');
    const service = await createEmulator(toEmulatorOptions(given));
    if (!flags.has('tls') && !flags.has('mtls')) return serve(service, given);
    const folder = await mkdtemp(join(tmpdir(), 'social-plus-auth-'));
    try {
      await serve(service, given, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

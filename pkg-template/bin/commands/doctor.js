// `doctor`: runs the checks and prints their findings.
import { CREDENTIALS, readFromEnvironment } from '../credentials.js';
import { diagnose } from '../doctor/index.js';
import { parseTimeoutMs } from '../option-values.js';
import { printJson, printLine } from '../output.js';
import { promptHidden } from '../prompt.js';
import {
  CERTIFICATE_OPTIONS,
  findCertificateFiles,
  readAddress,
  SERVICE_OPTIONS,
} from '../service.js';

/** @import { Command } from '../arguments.js' */
/** @import { Finding } from '../doctor/finding.js' */
/** @import { KeyName, Keys } from '../doctor/settings.js' */

/** @type {KeyName[]} */
const KEYS = ['apiKey', 'serverKey', 'adminToken', 'visitorSecret'];
/**
 * The keys that the command prompts for on a terminal, because most setups have them.
 *
 * @type {KeyName[]}
 */
const PROMPTED_KEYS = ['apiKey', 'serverKey'];

const readKeys = async () => {
  /** @type {Keys} */
  const keys = {};
  for (const name of KEYS) {
    keys[name] = readFromEnvironment(name);
    if (!keys[name] && process.stdin.isTTY && PROMPTED_KEYS.includes(name)) {
      const typed = await promptHidden(`${CREDENTIALS[name].label} (leave empty to skip): `);
      keys[name] = typed || undefined;
    }
  }
  return keys;
};

const LABELS = { ok: 'ok', warning: 'WARNING', failed: 'FAILED', skipped: 'skipped' };
const LABEL_WIDTH = 9;
const NAME_WIDTH = 19;

/** @param {Finding} finding */
const printFinding = ({ name, status, fault, message, remedy }) => {
  const label = LABELS[status].padEnd(LABEL_WIDTH);
  printLine(`${label}${name.padEnd(NAME_WIDTH)}${message}${fault ? ` [${fault}]` : ''}`);
  if (remedy) printLine(`${' '.repeat(LABEL_WIDTH + NAME_WIDTH)}${remedy}`);
};

/** @type {Command} */
export const doctor = {
  name: 'doctor',
  about: 'Checks a setup against the service and says how to fix each problem.',
  notes: [
    'The command only reads, unless you pass --user or --visitor.',
    'Exit code 0: no check failed (warnings are allowed); 1: at least one check failed.',
  ],
  options: {
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'all-regions': {
      type: 'boolean',
      about: 'try the other regions if this one does not know the API key',
    },
    user: {
      type: 'string',
      hint: 'ID',
      about: 'sign this test user in and out (the service creates the user if necessary)',
    },
    visitor: { type: 'boolean', about: 'sign a visitor in and out' },
    'auth-url': {
      type: 'string',
      hint: 'URL',
      about: "check the app's own auth routes, like https://app.example/auth",
    },
    origin: {
      type: 'string',
      hint: 'URL',
      about: "the origin of the app's pages (default: the origin of --auth-url)",
    },
  },
  reads: KEYS,
  examples: [
    'social-plus-auth doctor --region eu',
    'social-plus-auth doctor --region eu --user test-user \\',
    '  --client-cert client.pem --client-key client-key.pem',
    'social-plus-auth doctor --region eu --json \\',
    '  --auth-url https://api.app.example/auth --origin https://app.example',
  ],
  async run({ values, flags }) {
    const checks = await diagnose({
      ...readAddress(values),
      timeoutMs: parseTimeoutMs(values),
      files: findCertificateFiles(values),
      keys: await readKeys(),
      userId: values.user,
      tryVisitor: flags.has('visitor'),
      tryAllRegions: flags.has('all-regions'),
      authUrl: values['auth-url']?.replace(/\/+$/, ''),
      origin: values.origin,
    });
    const failures = checks.filter(({ status }) => status === 'failed').length;
    if (flags.has('json')) {
      printJson({ ok: failures === 0, checks });
    } else {
      checks.forEach(printFinding);
      printLine(
        failures === 0 ? 'No problems found.' : `${failures} of ${checks.length} checks failed.`,
      );
    }
    return failures === 0 ? 0 : 1;
  },
};

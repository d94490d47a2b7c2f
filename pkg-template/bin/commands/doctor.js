// `doctor`: prints what the checks found, and ends with 1 if one failed.
import { number } from '../arguments.js';
import { ask } from '../prompt.js';
import { CREDENTIALS, fromEnvironment } from '../credentials.js';
import { diagnose } from '../doctor/index.js';
import { DEVICE } from '../doctor/keys.js';
import { line, printJson } from '../output.js';
import { addressOf, CERTIFICATE_OPTIONS, filesOf, SERVICE_OPTIONS } from '../service.js';

const KEYS = ['apiKey', 'serverKey', 'adminToken', 'visitorSecret'];
/** Those that most set-ups have: a terminal is asked for them. */
const USUAL = ['apiKey', 'serverKey'];

const keysOf = async () => {
  const keys = {};
  for (const name of KEYS) {
    keys[name] = fromEnvironment(name);
    if (!keys[name] && process.stdin.isTTY && USUAL.includes(name))
      keys[name] = (await ask(`${CREDENTIALS[name].label} (empty: leave it out): `)) || undefined;
  }
  return keys;
};

const SIGNS = { ok: 'ok', warning: 'WARNING', failed: 'FAILED', skipped: 'skipped' };

const print = ({ name, status, fault, message, remedy }) => {
  line(`${SIGNS[status].padEnd(9)}${name.padEnd(19)}${message}${fault ? ` [${fault}]` : ''}`);
  if (remedy) line(`${' '.repeat(28)}${remedy}`);
};

export const doctor = {
  name: 'doctor',
  about:
    'Checks a set-up against the service, and says what is wrong and how to mend it. Exit code 1: a check failed; warnings alone are 0.',
  notes: ['It signs nobody in unless it is asked to, and changes nothing.'],
  options: {
    ...SERVICE_OPTIONS,
    ...CERTIFICATE_OPTIONS,
    'all-regions': {
      type: 'boolean',
      about: 'ask the other regions for the API key, if this one does not know it',
    },
    user: {
      type: 'string',
      hint: 'ID',
      about: `sign this test user in (created if unknown) on the device ${DEVICE}, and out again`,
    },
    visitor: { type: 'boolean', about: 'sign a visitor in and out again' },
    'auth-url': {
      type: 'string',
      hint: 'URL',
      about: "the app's own auth routes, like https://app.example/auth",
    },
    origin: {
      type: 'string',
      hint: 'URL',
      about: "the origin of the app's pages, if it is another",
    },
  },
  reads: KEYS,
  examples: [
    'social-plus-auth doctor --region eu',
    'social-plus-auth doctor --region eu --user test-user --client-cert client.pem --client-key client-key.pem',
    'social-plus-auth doctor --region eu --auth-url https://api.app.example/auth --origin https://app.example --json',
  ],
  async run({ values }) {
    const seconds = number(values, 'timeout', 0.001, 600);
    const checks = await diagnose({
      ...addressOf(values),
      timeoutMs: seconds && seconds * 1000,
      files: filesOf(values),
      keys: await keysOf(),
      user: values.user,
      visitor: values.visitor,
      allRegions: values['all-regions'],
      authUrl: values['auth-url']?.replace(/\/+$/, ''),
      origin: values.origin,
    });
    const failed = checks.filter(({ status }) => status === 'failed').length;
    if (values.json) {
      printJson({ ok: failed === 0, checks });
    } else {
      checks.forEach(print);
      line(
        failed === 0
          ? 'Nothing is wrong, as far as could be seen.'
          : `${failed} of ${checks.length} checks failed.`,
      );
    }
    return failed === 0 ? 0 : 1;
  },
};

// The checks that need no network: the address, and the texts of the keys.
import { CREDENTIALS } from '../credentials.js';
import { failed, passed, warned } from './finding.js';

/** @import { CredentialName } from '../credentials.js' */
/** @import { Address } from '../service.js' */
/** @import { Finding } from './finding.js' */

/** @typedef {Exclude<CredentialName, 'accessToken'>} KeyName */
/** @typedef {Partial<Record<KeyName, string>>} Keys */

const MAX_SERVER_KEY_LENGTH = 150;
const PLACEHOLDER = /^(your|my|<|\$\{?|x{3,}|change|todo|example)/i;

/**
 * Returns the flaw of a key's text as the end of a sentence, or `undefined`. Most flaws come from
 * copying the key incorrectly.
 *
 * @param {KeyName} name
 * @param {string} key
 */
const findFlaw = (name, key) => {
  // A visitor secret may be any text.
  if (name === 'visitorSecret') return undefined;
  if (/^(["'`]).*\1$/.test(key)) return 'has quotes around it';
  if (/\s/.test(key)) return 'contains white space';
  if (/[^\x21-\x7e]/.test(key)) return 'contains a character that no key contains';
  if (PLACEHOLDER.test(key)) return 'is a placeholder';
  if (name === 'serverKey' && key.length > MAX_SERVER_KEY_LENGTH)
    return `must be at most ${MAX_SERVER_KEY_LENGTH} characters (got ${key.length})`;
  return undefined;
};

/**
 * Reports a missing API key or server key, each malformed key, and two keys with the same text.
 *
 * @param {Keys} keys
 */
export const checkKeyTexts = (keys) => {
  /** @type {Finding[]} */
  const findings = [];
  const present = /** @type {[KeyName, string][]} */ (
    Object.entries(keys).filter(([, key]) => key)
  );
  for (const [index, [name, key]] of present.entries()) {
    const { variable, label } = CREDENTIALS[name];
    const flaw = findFlaw(name, key);
    if (flaw) {
      findings.push(
        failed(
          'keys',
          'keyMalformed',
          `${variable} ${flaw}.`,
          `Copy the ${label} from the console again.`,
        ),
      );
    }
    const twin = present.slice(index + 1).find(([, other]) => other === key);
    if (twin) {
      findings.push(
        failed(
          'keys',
          'sameKeyTwice',
          `${variable} and ${CREDENTIALS[twin[0]].variable} have the same value.`,
          'Copy each key from its own place in the console. If the server key was used as the ' +
            'API key, pages may have exposed it: replace it.',
        ),
      );
    }
  }
  if (!keys.apiKey) {
    findings.push(
      failed(
        'keys',
        'apiKeyMissing',
        'The API key is missing.',
        'Set SOCIAL_PLUS_API_KEY; the console shows the key under Settings, Security.',
      ),
    );
  }
  if (!keys.serverKey) {
    findings.push(
      warned(
        'keys',
        'serverKeyMissing',
        'The server key is missing, so secure mode cannot be checked.',
        'Set SOCIAL_PLUS_SERVER_KEY, on a backend only. An app in production needs secure mode.',
      ),
    );
  }
  return findings.length > 0 ? findings : [passed('keys', 'The keys are well formed.')];
};

/**
 * Checks that exactly one of region and endpoint is given, and that the endpoint is an http: or
 * https: URL without user, query or fragment. The library checks the rest later. The message does
 * not repeat a malformed endpoint, which may contain a password.
 *
 * @param {Address} address
 */
export const checkAddress = ({ region, endpoint }) => {
  if (!region === !endpoint) {
    return failed(
      'address',
      region ? 'addressAmbiguous' : 'addressMissing',
      region ? 'Both a region and an endpoint are set.' : 'No region and no endpoint are set.',
      'Set exactly one: SOCIAL_PLUS_REGION (eu, sg or us, as the console shows it), ' +
        'or SOCIAL_PLUS_ENDPOINT for an emulator or a proxy.',
    );
  }
  if (region) return passed('address', `The region is ${region}.`);
  const url = URL.canParse(endpoint ?? '') ? new URL(endpoint ?? '') : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || /[@?#]/.test(endpoint ?? '')) {
    return failed(
      'address',
      'addressRefused',
      'The endpoint must be an https: URL (http: on loopback) without user, query or fragment.',
      'Set SOCIAL_PLUS_ENDPOINT or --endpoint to the bare address, without a key or password.',
    );
  }
  return passed('address', `The endpoint is ${url.origin}${url.pathname.replace(/\/$/, '')}.`);
};

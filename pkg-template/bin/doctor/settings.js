// What can be seen without asking anybody: the address, and the form of the keys.
import { CREDENTIALS } from '../credentials.js';
import { bad, good, warning } from './finding.js';

/** What happens to keys on their way into an environment. */
const flaw = (key) => {
  if (/^(["'`]).*\1$/.test(key)) return 'has quotes around it';
  if (/\s/.test(key)) return 'has white space in it';
  if (/[^\x21-\x7e]/.test(key)) return 'has a character in it that no key has';
  if (/^(your|my|<|\$\{?|x{3,}|change|todo|example)/i.test(key)) return 'is a placeholder';
  return undefined;
};

/** A finding for each key that cannot be right; one that says so if all can. */
export const keys = ({ keys: given }) => {
  const findings = [];
  const present = Object.entries(given).filter(([, key]) => key);
  for (const [name, key] of present) {
    const { variable, label } = CREDENTIALS[name];
    const why = name !== 'visitorSecret' && flaw(key);
    if (why)
      findings.push(
        bad(
          'keys',
          'keyMalformed',
          `${variable} ${why}.`,
          `Copy the ${label} anew from the console.`,
        ),
      );
    if (name === 'serverKey' && key.length > 150)
      findings.push(
        bad(
          'keys',
          'keyMalformed',
          `${variable} has more than 150 characters.`,
          'Copy the server key anew from the console.',
        ),
      );
    const twin = present.find(([other, value]) => other > name && value === key);
    if (twin) {
      findings.push(
        bad(
          'keys',
          'sameKeyTwice',
          `${variable} and ${CREDENTIALS[twin[0]].variable} are the same.`,
          'Each has its own key in the console. If the server key was used as API key, it may have been in pages: replace it.',
        ),
      );
    }
  }
  if (!given.apiKey)
    findings.push(
      bad(
        'keys',
        'apiKeyMissing',
        'There is no API key.',
        'Set SOCIAL_PLUS_API_KEY: it stands in the console under Settings, Security.',
      ),
    );
  if (!given.serverKey) {
    findings.push(
      warning(
        'keys',
        'serverKeyMissing',
        'There is no server key, so that secure mode cannot be checked.',
        'Set SOCIAL_PLUS_SERVER_KEY, on a backend only. An app in production needs secure mode.',
      ),
    );
  }
  return findings.length ? findings : [good('keys', 'The keys are there and look like keys.')];
};

const REFUSED = bad(
  'address',
  'addressRefused',
  'The endpoint is no full https: or http: address, or it has user info, a query or a fragment.',
  'Give the address alone, without a key or a password: SOCIAL_PLUS_ENDPOINT or --endpoint.',
);

/**
 * The one of region and endpoint that was given. What is no plain address is not repeated: a
 * password may stand in it.
 */
export const address = ({ region, endpoint }) => {
  if (!region === !endpoint) {
    const what = region
      ? 'Both a region and an endpoint are given.'
      : 'Neither a region nor an endpoint is given.';
    return bad(
      'address',
      'addressMissing',
      what,
      'Give exactly one: SOCIAL_PLUS_REGION (eu, sg or us, as the console shows it), or SOCIAL_PLUS_ENDPOINT for an emulator or a proxy.',
    );
  }
  if (region) return good('address', `Asking region ${region}.`);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!/^https?:$/.test(url?.protocol) || /[@?#]/.test(endpoint)) return REFUSED;
  return good('address', `Asking ${url.origin}${url.pathname === '/' ? '' : url.pathname}.`);
};

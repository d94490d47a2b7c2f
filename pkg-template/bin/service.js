// Where the service is and how it is reached: the options that every command with a call shares,
// and what the library is given for them.
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { number } from './arguments.js';
import { Refusal } from './refusal.js';
import { wire } from './wire.js';

export const SERVICE_OPTIONS = {
  region: {
    type: 'string',
    hint: 'eu|sg|us',
    about: 'where the network is; default SOCIAL_PLUS_REGION',
  },
  endpoint: {
    type: 'string',
    hint: 'URL',
    about: 'another address, an emulator say; default SOCIAL_PLUS_ENDPOINT',
  },
  timeout: { type: 'string', hint: 'SECONDS', about: 'for one attempt; default 10' },
  ca: {
    type: 'string',
    hint: 'FILE',
    about: 'certificates to trust besides the usual (PEM); default SOCIAL_PLUS_CA_FILE',
  },
};

/** Of commands whose calls mTLS may protect. */
export const CERTIFICATE_OPTIONS = {
  'client-cert': {
    type: 'string',
    hint: 'FILE',
    about: 'mTLS: the certificate (PEM); default SOCIAL_PLUS_CLIENT_CERT_FILE',
  },
  'client-key': {
    type: 'string',
    hint: 'FILE',
    about: 'mTLS: its private key (PEM); default SOCIAL_PLUS_CLIENT_KEY_FILE',
  },
};

/** Which files there are to read. */
export const filesOf = (values) => {
  const file = (name, variable) => values[name] ?? (process.env[variable] || undefined);
  return {
    ca: file('ca', 'SOCIAL_PLUS_CA_FILE'),
    cert: file('client-cert', 'SOCIAL_PLUS_CLIENT_CERT_FILE'),
    key: file('client-key', 'SOCIAL_PLUS_CLIENT_KEY_FILE'),
  };
};

const FILES = { ca: 'CA', cert: 'client certificate', key: 'client key' };

/** The text of a file. The name is the caller's own, and fit to be shown. */
const read = (file, what) =>
  readFile(file, 'utf8').catch(({ code }) => {
    throw new Refusal(`The ${what} file ${file} cannot be read (${code ?? 'it is no file'}).`);
  });

/** What a connection is set up with. */
export const readCertificates = async ({ ca, cert, key }) => {
  if (!cert !== !key)
    throw new Refusal(
      `A client certificate needs both files: the ${cert ? 'key' : 'certificate'} is missing.`,
    );
  const contents = {};
  for (const [name, file] of Object.entries({ ca, cert, key }))
    if (file) contents[name] = await read(file, FILES[name]);
  // What is given replaces the usual ones, so that those are given too.
  return { ...contents, ...(contents.ca && { ca: [...rootCertificates, contents.ca] }) };
};

/** The address alone. One that was typed counts more than the environment. */
export const addressOf = (values) => {
  if (values.region || values.endpoint) return { region: values.region, endpoint: values.endpoint };
  const { SOCIAL_PLUS_REGION, SOCIAL_PLUS_ENDPOINT } = process.env;
  return { region: SOCIAL_PLUS_REGION || undefined, endpoint: SOCIAL_PLUS_ENDPOINT || undefined };
};

/** `ServiceOptions` of types/browser.d.ts, without the key. */
export const serviceOptions = async (values) => {
  const { region, endpoint } = addressOf(values);
  if (!region === !endpoint) {
    throw new Refusal(
      'Say where the service is, in one way: --region or --endpoint, or else SOCIAL_PLUS_REGION or SOCIAL_PLUS_ENDPOINT.',
    );
  }
  const seconds = number(values, 'timeout', 0.001, 600);
  return {
    region,
    endpoint,
    timeoutMs: seconds && seconds * 1000,
    fetch: wire(await readCertificates(filesOf(values))),
  };
};

// The options of the commands that call the service: its address, the timeout and certificates.
import { createReadStream } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { createFetch } from './https-fetch.js';
import { parseTimeoutMs } from './option-values.js';
import { MAX_TEXT_LENGTH, readText } from './prompt.js';
import { UsageError } from './usage-error.js';

/** @import { Option, Values } from './arguments.js' */
/** @import { DeviceInfo, Region } from 'social-plus-auth/edge' */

/**
 * The device info that the command line sends when it creates a session.
 *
 * @type {DeviceInfo}
 */
export const DEVICE_INFO = { kind: 'node' };

/** @type {Record<string, Option>} */
export const SERVICE_OPTIONS = {
  region: {
    type: 'string',
    hint: 'eu|sg|us',
    about: 'the region of the network (default: SOCIAL_PLUS_REGION)',
  },
  endpoint: {
    type: 'string',
    hint: 'URL',
    about: 'the URL of an emulator or proxy (default: SOCIAL_PLUS_ENDPOINT; must equal it if set)',
  },
  timeout: { type: 'string', hint: 'SECONDS', about: 'the limit for one attempt (default: 10)' },
  ca: {
    type: 'string',
    hint: 'FILE',
    about: 'additional certificates to trust, PEM (default: SOCIAL_PLUS_CA_FILE)',
  },
};

/**
 * The options of commands whose calls can require mTLS.
 *
 * @type {Record<string, Option>}
 */
export const CERTIFICATE_OPTIONS = {
  'client-cert': {
    type: 'string',
    hint: 'FILE',
    about: 'mTLS: the client certificate, PEM (default: SOCIAL_PLUS_CLIENT_CERT_FILE)',
  },
  'client-key': {
    type: 'string',
    hint: 'FILE',
    about: 'mTLS: the private key of the certificate, PEM (default: SOCIAL_PLUS_CLIENT_KEY_FILE)',
  },
};

/** @typedef {{ ca?: string, cert?: string, key?: string }} CertificateFiles */

/**
 * Returns the paths of the certificate files, from the options or else from the environment.
 *
 * @param {Values} values
 * @returns {CertificateFiles}
 */
export const findCertificateFiles = (values) => {
  /**
   * @param {string} name
   * @param {string} variable
   */
  const findPath = (name, variable) => values[name] ?? (process.env[variable] || undefined);
  return {
    ca: findPath('ca', 'SOCIAL_PLUS_CA_FILE'),
    cert: findPath('client-cert', 'SOCIAL_PLUS_CLIENT_CERT_FILE'),
    key: findPath('client-key', 'SOCIAL_PLUS_CLIENT_KEY_FILE'),
  };
};

/**
 * Reads a text file of at most 1 MiB. Resolves to `undefined` if there is no path. The error
 * contains the path, which is not a secret.
 *
 * @param {string | undefined} path
 * @param {string} label
 */
export const readTextFile = async (path, label) => {
  if (!path) return undefined;
  /** @param {unknown} reason */
  const fail = (reason) => new UsageError(`Cannot read the ${label} file ${path} (${reason}).`);
  let text;
  try {
    text = await readText(createReadStream(path));
  } catch (error) {
    throw fail(error instanceof Error && 'code' in error ? error.code : 'unknown error');
  }
  if (text.length > MAX_TEXT_LENGTH) throw fail('larger than 1 MiB');
  return text;
};

/**
 * Reads the certificate files into the settings for `createFetch`.
 *
 * @param {CertificateFiles} files
 */
export const readCertificates = async (files) => {
  if (!files.cert !== !files.key)
    throw new UsageError(
      `A client certificate needs both files, and the ${files.cert ? 'key' : 'certificate'} ` +
        'is missing: pass --client-cert and --client-key together.',
    );
  const ca = await readTextFile(files.ca, 'CA');
  return {
    // `ca` replaces Node's own list of authorities, so add that list.
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
    cert: await readTextFile(files.cert, 'client certificate'),
    key: await readTextFile(files.key, 'client key'),
  };
};

/** @typedef {{ region?: Region, endpoint?: string }} Address */

/**
 * Returns the region and the endpoint from the options, or else from the environment. The caller
 * must check them: possibly both are set, or neither, or the region does not exist.
 *
 * Throws a {@link UsageError} if `--endpoint` contradicts the environment. A script that passes a
 * user id as `"$id"` passes `--endpoint=https://attacker.example` if that is the id. The script's
 * keys must not go to that address.
 *
 * @param {Values} values
 * @returns {Address}
 */
export const readAddress = (values) => {
  const { SOCIAL_PLUS_REGION, SOCIAL_PLUS_ENDPOINT } = process.env;
  const configured = SOCIAL_PLUS_ENDPOINT || SOCIAL_PLUS_REGION;
  if (values.endpoint && configured && values.endpoint !== configured) {
    const variable = SOCIAL_PLUS_ENDPOINT ? 'SOCIAL_PLUS_ENDPOINT' : 'SOCIAL_PLUS_REGION';
    throw new UsageError(
      `--endpoint differs from ${variable}. To send the keys to another address, ` +
        'set SOCIAL_PLUS_ENDPOINT and unset SOCIAL_PLUS_REGION.',
    );
  }
  const isGiven = values.region || values.endpoint;
  const region = isGiven ? values.region : SOCIAL_PLUS_REGION || undefined;
  const endpoint = isGiven ? values.endpoint : SOCIAL_PLUS_ENDPOINT || undefined;
  return { region: /** @type {Region | undefined} */ (region), endpoint };
};

/**
 * Returns the library's service options, except for the key.
 *
 * @param {Values} values
 */
export const readServiceOptions = async (values) => {
  const address = readAddress(values);
  if (!address.region === !address.endpoint) {
    throw new UsageError(
      'Pass exactly one of --region and --endpoint, ' +
        'or set one of SOCIAL_PLUS_REGION and SOCIAL_PLUS_ENDPOINT.',
    );
  }
  return {
    ...address,
    timeoutMs: parseTimeoutMs(values),
    fetch: createFetch(await readCertificates(findCertificateFiles(values))),
  };
};

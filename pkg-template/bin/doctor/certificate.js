// Checks the files of the client certificate, which mTLS requires.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readCertificates } from '../service.js';
import { UsageError } from '../usage-error.js';
import { failed, passed, skipped, warned } from './finding.js';

/** @import { CertificateFiles } from '../service.js' */

const NAME = 'clientCertificate';
const DAY_MS = 86_400_000;
/** Leaves time to upload and deploy a second certificate before the first one expires. */
const EXPIRES_SOON_MS = 30 * DAY_MS;

/**
 * Returns the result of `parse`, or `undefined` if it throws.
 *
 * @template Value
 * @param {() => Value} parse
 */
const tryParse = (parse) => {
  try {
    return parse();
  } catch {
    return undefined;
  }
};

/**
 * Parses a certificate and its private key. Returns the certificate, or a `finding` if they cannot
 * be used.
 *
 * @param {string} cert
 * @param {string} key
 */
const parsePair = (cert, key) => {
  const certificate = tryParse(() => new X509Certificate(cert));
  if (!certificate) {
    return {
      finding: failed(
        NAME,
        'clientCertificateUnreadable',
        'The client certificate file contains no PEM certificate.',
        'Download it from the console again: the file begins with -----BEGIN CERTIFICATE-----.',
      ),
    };
  }
  const privateKey = tryParse(() => createPrivateKey(key));
  if (!privateKey) {
    return {
      finding: failed(
        NAME,
        'clientKeyUnreadable',
        'The client key file contains no private key in PEM without a passphrase.',
        'Pass the key with which the certificate request was created.',
      ),
    };
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    return {
      finding: failed(
        NAME,
        'clientKeyMismatch',
        'The client key does not belong to the client certificate.',
        "Pass the key with which this certificate's request was created.",
      ),
    };
  }
  return { certificate };
};

/**
 * Checks the validity period.
 *
 * @param {X509Certificate} certificate
 * @param {number} now
 */
const checkDates = ({ validFrom, validTo }, now) => {
  const from = Date.parse(validFrom);
  const to = Date.parse(validTo);
  const day = new Date(to).toISOString().slice(0, 10);
  if (now > to) {
    return failed(
      NAME,
      'clientCertificateExpired',
      `The client certificate expired on ${day}.`,
      'Create a new one in the console, deploy it, then disable this one.',
    );
  }
  if (now < from) {
    return failed(
      NAME,
      'clientCertificateNotYetValid',
      `The client certificate is not valid before ${new Date(from).toISOString()}.`,
      "Check this machine's clock.",
    );
  }
  if (to - now < EXPIRES_SOON_MS) {
    return warned(
      NAME,
      'clientCertificateExpiring',
      `The client certificate expires on ${day}, in ${Math.floor((to - now) / DAY_MS)} days.`,
      'Create a second one in the console now, deploy it, then disable this one.',
    );
  }
  return passed(NAME, `The client certificate is valid until ${day}.`);
};

/**
 * Checks the certificate files. Resolves to the finding and to the settings of the connection. The
 * settings contain no client certificate if its files are unreadable or do not match, so that the
 * other checks can still run. They do contain an expired certificate.
 *
 * @param {CertificateFiles} files
 * @param {number} now
 */
export const checkCertificate = async (files, now) => {
  try {
    const { ca, cert, key } = await readCertificates(files);
    if (!cert || !key) {
      const finding = skipped(NAME, 'Not checked: no client certificate is set (it is optional).');
      return { settings: { ca }, finding };
    }
    const { certificate, finding } = parsePair(cert, key);
    if (!certificate) return { settings: { ca }, finding };
    return { settings: { ca, cert, key }, finding: checkDates(certificate, now) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const remedy = 'Pass readable files with --ca, and with both --client-cert and --client-key.';
    return { settings: {}, finding: failed(NAME, 'certificateFiles', error.message, remedy) };
  }
};

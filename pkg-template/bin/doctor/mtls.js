// Recognises mTLS: the service responds to other calls, but closes the connection of a protected
// call if the client certificate is missing or refused.
import { failed } from './finding.js';

/** @import { Failure } from './call-failures.js' */
/** @import { Context } from './index.js' */

/**
 * Explains the failure of a call that mTLS may protect. Returns `undefined` unless mTLS can be the
 * cause. The caller must know that the service responds to other calls.
 *
 * @param {string} name
 * @param {Context} context
 * @param {Failure} failure
 */
export const explainMtls = (name, { hasCertificate, isTls }, { error, seen }) => {
  if (error.kind !== 'network' || !seen.connectionError || !isTls) return undefined;
  const message =
    'The service responds to other calls but closes the connection on this one, ' +
    'as it does with mTLS when the client certificate is';
  return hasCertificate
    ? failed(
        name,
        'clientCertificateRefused',
        `${message} unknown, disabled or expired.`,
        'Pass the certificate that is active in the console (--client-cert, --client-key).',
      )
    : failed(
        name,
        'clientCertificateMissing',
        `${message} missing.`,
        'Pass the certificate and its key with --client-cert and --client-key, and configure ' +
          'them on the backend; or turn mTLS off in the console.',
      );
};

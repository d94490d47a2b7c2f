// The client certificate for mTLS, as it stands in its files.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readCertificates } from '../service.js';
import { Refusal } from '../refusal.js';
import { bad, good, skipped, warning } from './finding.js';

const NAME = 'clientCertificate';
const DAY = 86_400_000;
/** Time enough for the console's way: upload the second certificate, then disable the first. */
const SOON = 30 * DAY;

const parsed = (make) => {
  try {
    return make();
  } catch {
    return undefined;
  }
};

/** What is wrong with the pair. */
const judge = ({ cert, key }, now) => {
  const certificate = parsed(() => new X509Certificate(cert));
  if (!certificate)
    return bad(
      NAME,
      'clientCertificateUnreadable',
      'The client certificate is no PEM certificate.',
      'Download it anew from the console: the file begins with -----BEGIN CERTIFICATE-----.',
    );
  const secret = parsed(() => createPrivateKey(key));
  if (!secret)
    return bad(
      NAME,
      'clientKeyUnreadable',
      'The client key is no private key that can be used (PEM, without a passphrase).',
      'Give the key that the certificate request was made with.',
    );
  if (!certificate.checkPrivateKey(secret))
    return bad(
      NAME,
      'clientKeyMismatch',
      'The client key is not the one of the client certificate.',
      "Give the key that this certificate's request was made with.",
    );
  const from = Date.parse(certificate.validFrom);
  const until = Date.parse(certificate.validTo);
  const day = new Date(until).toISOString().slice(0, 10);
  if (now > until)
    return bad(
      NAME,
      'clientCertificateExpired',
      `The client certificate expired on ${day}.`,
      'Create another in the console, deploy it, then disable this one.',
    );
  if (now < from)
    return bad(
      NAME,
      'clientCertificateNotYetValid',
      `The client certificate is good only from ${new Date(from).toISOString()} on.`,
      "Check this machine's clock.",
    );
  if (until - now < SOON)
    return warning(
      NAME,
      'clientCertificateExpiring',
      `The client certificate expires on ${day}, in ${Math.floor((until - now) / DAY)} days.`,
      'Create the second one in the console now, deploy it, then disable this one.',
    );
  return good(NAME, `The client certificate is good until ${day}.`);
};

/**
 * The finding, and the connection's settings: none that cannot be used, so that the other checks
 * can go on.
 */
export const certificate = async (files, now) => {
  try {
    const settings = await readCertificates(files);
    if (!settings.cert)
      return {
        settings,
        finding: skipped(NAME, 'No client certificate is given (mTLS is optional).'),
      };
    const finding = judge(settings, now);
    const { cert, key, ...rest } = settings;
    return { settings: /Unreadable|Mismatch/.test(finding.fault) ? rest : settings, finding };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      settings: {},
      finding: bad(
        NAME,
        'certificateFiles',
        error.message,
        'Give --client-cert and --client-key together, as paths of files that can be read.',
      ),
    };
  }
};

// Explains the failures that any call can have: a connection error, a timeout, a response that is
// not the service's, a reached limit or quota, and a failing service.
import { failed } from './finding.js';

/** @import { Finding } from './finding.js' */
/** @import { Outcome } from './probe.js' */

/**
 * The outcome of a call that failed.
 *
 * @typedef {Extract<Outcome<never>, { error: object }>} Failure
 */

const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN'];
const OUT_OF_DATE = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const NO_TLS = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/;
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME|CERT_|ISSUER/;

const formatProxyHint = () =>
  process.env.HTTPS_PROXY || process.env.https_proxy
    ? ' HTTPS_PROXY is set, but this command does not use it.'
    : '';

/**
 * Explains why a connection failed.
 *
 * @param {string} name
 * @param {string} peer - The peer that does not respond, as the subject of the sentence.
 * @param {string} code - The code of the error, or a text that says what happened.
 */
export const explainConnection = (name, peer, code) => {
  if (UNKNOWN_HOST.includes(code)) {
    return failed(
      name,
      'unknownHost',
      `${peer} was not found: this machine cannot resolve its host name (${code}).`,
      `Check the address, and this machine's network and DNS.${formatProxyHint()}`,
    );
  }
  if (OUT_OF_DATE.includes(code)) {
    return failed(
      name,
      'serverCertificateOutOfDate',
      `The server's certificate is expired or not yet valid (${code}).`,
      "Check this machine's clock first, then the server's certificate.",
    );
  }
  if (NO_TLS.test(code)) {
    return failed(
      name,
      'noTls',
      `The server at this address does not speak TLS (${code}).`,
      'Check the port. An http:// address works on this machine only.',
    );
  }
  if (UNTRUSTED.test(code)) {
    return failed(
      name,
      'serverCertificateUntrusted',
      `This machine does not trust the server's certificate for this host (${code}).`,
      'If a proxy or an emulator has its own authority, pass its certificate with --ca. ' +
        'Otherwise someone may be intercepting the connection.',
    );
  }
  return failed(
    name,
    'unreachable',
    `${peer} cannot be reached (${code}).`,
    `Check the address, the network and the firewall.${formatProxyHint()}`,
  );
};

/**
 * Explains a response that the service cannot have sent: a page or a redirect. Returns `undefined`
 * for any other response.
 *
 * @param {string} name
 * @param {Failure['seen']} seen
 */
export const explainForeignResponse = (name, { status = 0, isPage }) => {
  if (isPage) {
    return failed(
      name,
      'pageInstead',
      `A web page (HTTP ${status}) came back instead of JSON: ` +
        'a proxy, a firewall or a sign-in page intercepts the request.',
      'Allow this host in the proxy, or sign in to the network. Check the address in --endpoint.',
    );
  }
  if (status >= 300 && status < 400) {
    return failed(
      name,
      'redirected',
      `The response is a redirect (HTTP ${status}), which the library never follows: ` +
        'it would send the keys to another address.',
      'Pass the final address with --endpoint.',
    );
  }
  return undefined;
};

/**
 * Explains a failure that any call can have. Returns `undefined` for a failure of another kind,
 * which concerns this call only.
 *
 * @param {string} name
 * @param {Failure} failure
 * @returns {Finding | undefined}
 */
export const explainFailure = (name, { error, seen }) => {
  const { kind, status, retryAfterMs } = error;
  const foreign = explainForeignResponse(name, seen);
  if (foreign) return foreign;
  switch (kind) {
    case 'network':
      if (seen.connectionError) return explainConnection(name, 'The service', seen.connectionError);
      return failed(
        name,
        'cutShort',
        'The connection broke in the middle of the response.',
        'Try again. If it keeps happening, look for a proxy or firewall that cuts connections.',
      );
    case 'timeout':
      return failed(
        name,
        'tooSlow',
        'The response did not arrive in time.',
        'Try again, or with a longer --timeout. If it keeps happening, look for a firewall that ' +
          'drops packets.',
      );
    case 'rateLimited': {
      const wait = retryAfterMs ? `${Math.ceil(retryAfterMs / 1000)} seconds` : 'a minute';
      return failed(
        name,
        'rateLimited',
        `The service reports too many calls${status ? ` (HTTP ${status})` : ''}.`,
        `Wait ${wait}, then find out what sends so many calls: ` +
          'the service accepts 100 calls per user in 5 seconds.',
      );
    }
    case 'server':
      return failed(
        name,
        'serviceFailing',
        `The service is failing (HTTP ${status}).`,
        'The cause is not your setup. Try again later, and check the status page of social.plus.',
      );
    case 'invalidResponse':
      return failed(
        name,
        'notTheService',
        'The response does not have the format of the service.',
        'Check --endpoint, and any proxy between this machine and the service.',
      );
    case 'quotaExceeded':
      return failed(
        name,
        'quotaUsedUp',
        'The daily quota of visitors and bots is used up.',
        'Wait until the quota resets the next day, or ask social.plus to raise it.',
      );
    default:
      return undefined;
  }
};

/**
 * Explains any failure. If `explainFailure` returns `undefined`, the finding contains the kind and
 * the message of the error.
 *
 * @param {string} name
 * @param {Failure} failure
 */
export const explainAnyFailure = (name, failure) => {
  const { kind, message, status } = failure.error;
  return (
    explainFailure(name, failure) ??
    failed(
      name,
      kind,
      `${message}${status ? ` (HTTP ${status})` : ''}`,
      'This response is unusual: look up its error kind in the README.',
    )
  );
};

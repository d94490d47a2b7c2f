// What can go wrong with any call, in plain words: no connection, somebody else's answer, a service
// that is busy or down.
import { bad } from './finding.js';

const WRONG_NAME = ['ENOTFOUND', 'EAI_AGAIN'];
const OUT_OF_DATE = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const NO_TLS = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/;
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME|CERT_|ISSUER/;

const proxyHint = () =>
  process.env.HTTPS_PROXY || process.env.https_proxy
    ? ' HTTPS_PROXY is set, but Node does not go through it by itself.'
    : '';

/** Why there is no connection; `who` is called so at the beginning of the sentence. */
export const connection = (name, who, trouble) => {
  if (WRONG_NAME.includes(trouble)) {
    return bad(
      name,
      'unknownHost',
      `${who} cannot be found: its name is not known here (${trouble}).`,
      `Check the address, and this machine's network and name server.${proxyHint()}`,
    );
  }
  if (OUT_OF_DATE.includes(trouble)) {
    return bad(
      name,
      'serverCertificateOutOfDate',
      `The server's certificate is not valid at this time (${trouble}).`,
      "Check this machine's clock first, then the server's certificate.",
    );
  }
  if (NO_TLS.test(trouble)) {
    return bad(
      name,
      'noTls',
      `What answers there speaks no TLS (${trouble}).`,
      'Check the port, and whether the address must begin with http:// (on this machine only).',
    );
  }
  if (UNTRUSTED.test(trouble)) {
    return bad(
      name,
      'serverCertificateUntrusted',
      `The server's certificate is not one that this machine trusts for that host (${trouble}).`,
      'If a proxy or an emulator has an authority of its own, name its certificate with --ca. Else somebody may be listening in.',
    );
  }
  return bad(
    name,
    'unreachable',
    `${who} cannot be reached (${trouble ?? 'no answer'}).`,
    `Check the address, the network and the firewall.${proxyHint()}`,
  );
};

const wait = ({ retryAfterMs }) =>
  retryAfterMs
    ? `It wants to be left alone for ${Math.ceil(retryAfterMs / 1000)} seconds.`
    : 'Wait a minute.';

/** The finding for what could happen to any call; nothing for an answer that is about this one. */
export const common = (name, { error, seen }) => {
  const { kind, status } = error;
  if (seen.isPage) {
    return bad(
      name,
      'pageInstead',
      `A web page came back (HTTP ${seen.status}) where the service answers in JSON: a proxy, a firewall or a sign-in page stands in between.`,
      'Open the network for this host in the proxy, or sign in to the network; with --endpoint, check the address.',
    );
  }
  if (seen.status >= 300 && seen.status < 400) {
    return bad(
      name,
      'redirected',
      `The answer is a redirect (HTTP ${seen.status}), which is never followed: it would carry the keys along.`,
      'Give the final address with --endpoint.',
    );
  }
  if (kind === 'network' && seen.trouble) return connection(name, 'The service', seen.trouble);
  if (kind === 'network')
    return bad(
      name,
      'cutShort',
      'The answer broke off.',
      'Try again. If it goes on, look for a proxy or a firewall that cuts connections.',
    );
  if (kind === 'timeout')
    return bad(
      name,
      'tooSlow',
      'There was no whole answer in time.',
      'Try again, or with a longer --timeout. If it goes on, look for a firewall that swallows packets.',
    );
  if (kind === 'rateLimited')
    return bad(
      name,
      'rateLimited',
      `The service says: too many calls${status ? ` (HTTP ${status})` : ''}.`,
      `${wait(error)} It takes 100 calls in 5 seconds of a user; find out what asks so often.`,
    );
  if (kind === 'server')
    return bad(
      name,
      'serviceFailing',
      `The service fails (HTTP ${status}).`,
      'It is not your set-up. Try again later, and see the status page of social.plus.',
    );
  if (kind === 'invalidResponse')
    return bad(
      name,
      'notTheService',
      "The answer is none of the service's.",
      'Check --endpoint, and what stands between here and the service.',
    );
  if (kind === 'quotaExceeded')
    return bad(
      name,
      'quotaUsedUp',
      'The daily quota of visitors and bots is used up.',
      'It is refilled the next day; the vendor can raise it.',
    );
  return undefined;
};

/** What is left: an answer that no check expected. */
export const unexpected = (name, { error }) =>
  bad(
    name,
    error.kind,
    `${error.message}${error.status ? ` (HTTP ${error.status})` : ''}`,
    'This answer is unusual: see the error kinds in the README.',
  );

// Checks whether the service responds, and whether its clock agrees with this machine's.
import { verifySession } from 'social-plus-auth/edge';
import { explainAnyFailure, explainForeignResponse } from './call-failures.js';
import { failed, passed, skipped, warned } from './finding.js';
import { probe } from './probe.js';

/** @import { Finding } from './finding.js' */
/** @import { Context } from './index.js' */
/** @import { Seen } from './probe.js' */

const NAME = 'network';

/**
 * The kinds of errors with which the service may refuse the invalid token of this check. For
 * `unauthorized`, `verifySession` returns a result instead of throwing an error.
 */
const REFUSALS = ['forbidden', 'invalidRequest'];

/** @param {Seen} seen */
const reportForeignServer = ({ status }) =>
  failed(
    NAME,
    'notTheService',
    `A server responds (HTTP ${status}), but not as the service does.`,
    'Check --endpoint: it must not include /api or anything after it.',
  );

/**
 * Asks the service to verify a token that does not exist. This needs no key and changes nothing.
 * Resolves to the finding and the recorded response. If the library rejects the address, the
 * finding says so.
 *
 * @param {Context} context
 * @returns {Promise<{ finding: Finding, seen: Seen }>}
 */
export const checkNetwork = async ({ service }) => {
  const outcome = await probe(service, (options) => verifySession(options, 'doctor'));
  const { seen, value, error } = outcome;
  /** @param {Finding} finding */
  const conclude = (finding) => ({ finding, seen });
  if (error?.kind === 'config') {
    const remedy = 'Correct --region or --endpoint.';
    return conclude(failed('address', 'addressRefused', error.message, remedy));
  }
  const foreign = explainForeignResponse(NAME, seen);
  if (foreign) return conclude(foreign);
  if (error ? error.kind === 'notFound' : value.valid || value.reason === 'notFound')
    return conclude(reportForeignServer(seen));
  if (error && !REFUSALS.includes(error.kind)) return conclude(explainAnyFailure(NAME, outcome));
  const durationMs = (seen.receivedAt ?? seen.sentAt) - seen.sentAt;
  return conclude(passed(NAME, `The service responds in ${durationMs} ms.`));
};

const MAX_OK_SKEW_MS = 30_000;
const MAX_WARNING_SKEW_MS = 300_000;
/** The `Date` header omits the fraction of the second, which is half a second on average. */
const MEAN_TRUNCATION_MS = 500;

/** @param {number} ms */
const formatDuration = (ms) => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7200
    ? `${Math.round(seconds / 60)} minutes`
    : `${Math.round(seconds / 3600)} hours`;
};

/**
 * Compares this machine's clock with the service's. The precision of the `Date` header and the
 * duration of the call can cause a small skew, which the check accepts.
 *
 * @param {Seen} seen
 */
export const checkClock = ({ date, sentAt, receivedAt = sentAt }) => {
  if (date === undefined)
    return skipped('clock', 'Not checked: the response of the service has no Date header.');
  const aheadMs = (sentAt + receivedAt) / 2 - (date + MEAN_TRUNCATION_MS);
  const skewMs = Math.abs(aheadMs);
  if (skewMs < MAX_OK_SKEW_MS)
    return passed('clock', "This machine's clock agrees with the service's.");
  const report = skewMs < MAX_WARNING_SKEW_MS ? warned : failed;
  return report(
    'clock',
    'clockSkew',
    `This machine's clock is ${formatDuration(skewMs)} ` +
      `${aheadMs > 0 ? 'ahead of' : 'behind'} the service's.`,
    'Synchronise the clock (NTP). Visitor signatures and token expiry times depend on it.',
  );
};

// Checks the admin token, and uses it to read whether secure mode is on and to check the age of the
// server key.
import { getAdminToken, getNetwork, getServerKeyInfo } from 'social-plus-auth/edge';
import { explainAnyFailure } from './call-failures.js';
import { failed, passed, skipped, warned } from './finding.js';
import { explainMtls } from './mtls.js';
import { probe } from './probe.js';

/** @import { AdminOptions, AdminToken } from 'social-plus-auth/edge' */
/** @import { Finding } from './finding.js' */
/** @import { Context } from './index.js' */

const NAME = 'adminToken';
const DAY_MS = 86_400_000;
const EXPIRES_SOON_MS = 30 * DAY_MS;
const MAX_SERVER_KEY_AGE_MS = 365 * DAY_MS;

/** @param {Date} date */
const formatDay = (date) => date.toISOString().slice(0, 10);

/**
 * @param {AdminToken | undefined} token - Absent if the service does not return it.
 * @param {boolean} isLimited - Whether the service accepts the token, but not for the settings of
 *   the network.
 */
const reportToken = (token, isLimited) => {
  if (token && token.expiresAt.getTime() - Date.now() < EXPIRES_SOON_MS) {
    return warned(
      NAME,
      'adminTokenExpiring',
      `The admin token expires on ${formatDay(token.expiresAt)}.`,
      'Issue a new one: social-plus-auth admin issue-admin-token.',
    );
  }
  return passed(
    NAME,
    isLimited
      ? "The service accepts the admin token, which may not read the network's settings."
      : 'The service accepts the admin token.',
  );
};

/**
 * @param {Context} context
 * @returns {Promise<Finding[]>}
 */
export const checkAdminToken = async (context) => {
  const { adminToken } = context.keys;
  if (!adminToken) return [skipped(NAME, 'Not checked: no admin token is set (it is optional).')];
  /**
   * @template Value
   * @param {(options: AdminOptions) => Promise<Value>} run
   */
  const call = (run) => probe(context.service, (options) => run({ ...options, adminToken }));
  const outcome = await call(getNetwork);
  const { error, value } = outcome;
  if (error?.kind === 'unauthorized') {
    return [
      failed(
        NAME,
        'adminTokenRefused',
        'The service refuses the admin token: it is wrong, expired or revoked.',
        'Issue a new one in the console, or with a token that is still valid: ' +
          'social-plus-auth admin issue-admin-token.',
      ),
    ];
  }
  const isLimited = error?.kind === 'forbidden' || error?.kind === 'notFound';
  if (error && !isLimited)
    return [explainMtls(NAME, context, outcome) ?? explainAnyFailure(NAME, outcome)];
  if (typeof value?.useSecureAuthentication === 'boolean')
    context.secureMode = value.useSecureAuthentication;
  // Ignore failures of these two calls: their console paths may not exist on every service.
  const { value: token } = await call(getAdminToken);
  const { value: info } = await call(getServerKeyInfo);
  const findings = [reportToken(token, isLimited)];
  if (info && Date.now() - info.updatedAt.getTime() > MAX_SERVER_KEY_AGE_MS) {
    findings.push(
      warned(
        'serverKeyAge',
        'serverKeyOld',
        `The server key was last changed on ${formatDay(info.updatedAt)}.`,
        'Replace it at least every 12 months: social-plus-auth admin issue-server-key.',
      ),
    );
  }
  return findings;
};

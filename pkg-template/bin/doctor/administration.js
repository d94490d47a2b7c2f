// What an admin token can tell, if there is one: whether it is good and for how long, secure mode
// for certain, and the age of the server key.
import { getAdminToken, getNetwork, getServerKeyInfo } from '../../edge/node.js';
import { common, unexpected } from './explain.js';
import { bad, good, skipped, warning } from './finding.js';
import { closed } from './keys.js';
import { probe } from './probe.js';

const NAME = 'adminToken';
const DAY = 86_400_000;
const date = (at) => at.toISOString().slice(0, 10);

export const administration = async (context) => {
  const { adminToken } = context.keys;
  if (!adminToken) return [skipped(NAME, 'There is no admin token to try (it is optional).')];
  const call = (run) => probe(context, (options) => run({ ...options, adminToken }));
  const asked = await call(getNetwork);
  const { error, value } = asked;
  if (error?.kind === 'unauthorized')
    return [
      bad(
        NAME,
        'adminTokenRefused',
        'The service refuses the admin token: it is wrong, has expired or was revoked.',
        'Issue another in the console. One that is still good can do it itself: social-plus-auth admin issue-admin-token.',
      ),
    ];
  const narrow = error && ['forbidden', 'notFound'].includes(error.kind);
  if (error && !narrow)
    return [closed(NAME, context, asked) ?? common(NAME, asked) ?? unexpected(NAME, asked)];
  const findings = [];
  if (typeof value?.useSecureAuthentication === 'boolean')
    context.secureMode = value.useSecureAuthentication;
  // These are the console's own paths, which the service need not answer.
  const { value: token } = await call(getAdminToken);
  const { value: info } = await call(getServerKeyInfo);
  if (token && token.expiresAt - Date.now() < 30 * DAY) {
    findings.push(
      warning(
        NAME,
        'adminTokenExpiring',
        `The admin token expires on ${date(token.expiresAt)}.`,
        'Issue the next one: social-plus-auth admin issue-admin-token.',
      ),
    );
  } else {
    findings.push(
      good(
        NAME,
        narrow
          ? "The service knows the admin token, and does not let it read the network's settings."
          : 'The service takes the admin token.',
      ),
    );
  }
  if (info && Date.now() - info.updatedAt > 365 * DAY) {
    findings.push(
      warning(
        'serverKeyAge',
        'serverKeyOld',
        `The server key was last changed on ${date(info.updatedAt)}.`,
        'Keys are to be replaced within 12 months: social-plus-auth admin issue-server-key.',
      ),
    );
  }
  return findings;
};

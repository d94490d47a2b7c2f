// Runs all checks in order, because each check may rely on the results of earlier checks.
import { createFetch } from '../https-fetch.js';
import { checkAdminToken } from './administration.js';
import { checkCertificate } from './certificate.js';
import { skipped } from './finding.js';
import { checkApiKey, checkServerKey } from './keys.js';
import { checkClock, checkNetwork } from './network.js';
import { checkRoutes } from './routes.js';
import { checkAddress, checkKeyTexts } from './settings.js';
import { checkUserSession, checkVisitorSession } from './sign-in.js';

/** @import { Address, CertificateFiles } from '../service.js' */
/** @import { Finding } from './finding.js' */
/** @import { Service } from './probe.js' */
/** @import { Keys } from './settings.js' */

/**
 * @typedef {object} RequestedChecks
 * @property {Keys} keys
 * @property {CertificateFiles} files
 * @property {number} [timeoutMs]
 * @property {string} [userId] - The test user to sign in.
 * @property {boolean} tryVisitor - Whether to sign a visitor in.
 * @property {boolean} tryAllRegions - Whether to look for the API key in the other regions.
 * @property {string} [authUrl] - The address of the app's own auth routes.
 * @property {string} [origin] - The origin of the app's pages.
 */

/** @typedef {RequestedChecks & Address} Request */

/**
 * The input of the checks that call the service. Earlier checks set `secureMode` and `authToken`,
 * which later checks read.
 *
 * @typedef {Request & {
 *   service: Service,
 *   hasCertificate: boolean,
 *   isTls: boolean,
 *   secureMode?: boolean,
 *   authToken?: string,
 * }} Context
 */

/** The checks that require a response from the service. */
const SERVICE_CHECKS = [
  'clock',
  'apiKey',
  'adminToken',
  'serverKey',
  'secureMode',
  'session',
  'visitor',
];

const skipServiceChecks = () =>
  SERVICE_CHECKS.map((name) => skipped(name, 'Not checked: an earlier check has failed.'));

/**
 * Runs the checks that call the service. The first finding is about the address or the network.
 *
 * @param {Context} context
 */
const checkService = async (context) => {
  const { finding, seen } = await checkNetwork(context);
  if (finding.status !== 'ok') return [finding, ...skipServiceChecks()];
  const findings = [finding, checkClock(seen)];
  findings.push(await checkApiKey(context));
  findings.push(...(await checkAdminToken(context)));
  findings.push(...(await checkServerKey(context)));
  findings.push(await checkUserSession(context), await checkVisitorSession(context));
  return findings;
};

/**
 * Runs all checks and resolves to their findings.
 *
 * @param {Request} request
 * @returns {Promise<Finding[]>}
 */
export const diagnose = async (request) => {
  const { region, endpoint, timeoutMs, keys } = request;
  const { settings, finding: certificate } = await checkCertificate(request.files, Date.now());
  const address = checkAddress(request);
  const findings =
    address.status === 'ok'
      ? await checkService({
          ...request,
          service: { region, endpoint, timeoutMs, fetch: createFetch(settings) },
          hasCertificate: Boolean(settings.cert),
          isTls: region !== undefined || /^https:/i.test(endpoint ?? ''),
        })
      : skipServiceChecks();
  // The library checks an address more strictly than `checkAddress`. If the library rejects the
  // address, `checkService` has returned a finding about that, which replaces `address`.
  const isRejected = findings[0]?.name === address.name;
  const [first] = isRejected ? findings.splice(0, 1) : [address];
  // The app's own routes must not receive the client certificate.
  const appFetch = createFetch({ ca: settings.ca });
  const routes = await checkRoutes(request, appFetch);
  return [first ?? address, ...checkKeyTexts(keys), certificate, ...findings, ...routes];
};

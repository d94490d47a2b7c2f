// All checks, in an order in which each stands on those before it: without a network there is no
// use in trying a key.
import { administration } from './administration.js';
import { certificate } from './certificate.js';
import { skipped } from './finding.js';
import { apiKey, serverKey } from './keys.js';
import { clock, network } from './network.js';
import { routes } from './routes.js';
import { address, keys } from './settings.js';
import { session, visitor } from './users.js';
import { wire } from '../wire.js';

const NAMES = ['clock', 'apiKey', 'adminToken', 'serverKey', 'secureMode', 'session', 'visitor'];

/**
 * Resolves to the findings. `context` has what was asked for: `keys`, `region` or `endpoint`,
 * `timeoutMs`, `files` (of certificates), `user`, `visitor`, `allRegions`, `authUrl`, `origin`. The
 * checks leave in it what they learn for each other.
 */
export const diagnose = async (context) => {
  const { region, endpoint, timeoutMs } = context;
  const { settings, finding } = await certificate(context.files, Date.now());
  const where = address(context);
  const findings = [where, ...keys(context), finding];
  // The app's own routes get no client certificate to see.
  context.plainFetch = wire({ ca: settings.ca });
  if (where.status === 'ok') {
    context.hasCertificate = Boolean(settings.cert);
    context.isSecured = region !== undefined || /^https:/i.test(endpoint);
    context.service = { region, endpoint, timeoutMs, fetch: wire(settings) };
    const asked = await network(context);
    // What the library refuses is not repeated, whatever it was that stood in the address's place.
    if (asked.name === where.name) findings[0] = asked;
    else findings.push(asked);
  }
  if (context.isReached) {
    findings.push(clock(context));
    for (const check of [apiKey, administration, serverKey, session, visitor])
      findings.push(...[await check(context)].flat());
  } else {
    findings.push(...NAMES.map((name) => skipped(name, 'The service could not be asked.')));
  }
  return [...findings, ...(await routes(context))];
};

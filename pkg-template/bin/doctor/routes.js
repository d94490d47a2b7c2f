// Checks the app's own auth routes (createAuthHandler or an equivalent handler) with the requests
// that a page of the app and a page of another origin would send.
import { explainConnection } from './call-failures.js';
import { checkCors, checkForeignOrigin } from './cors.js';
import { failed, passed, skipped, warned } from './finding.js';
import { HANDLER_HINT, sendPost } from './routes-client.js';

/** @import { FetchLike } from 'social-plus-auth/edge' */
/** @import { Finding } from './finding.js' */
/** @import { Request } from './index.js' */
/** @import { AppAnswer } from './probe.js' */
/** @import { Routes } from './routes-client.js' */

const NAME = 'authRoutes';

/** Faults that make the other checks meaningless, because the URL does not lead to the routes. */
const FATAL_FAULTS = ['routesArePage', 'routesNotFound'];

/**
 * Checks that POST /token returns 401 to a caller who is not signed in to the app.
 *
 * @param {AppAnswer} answer
 * @param {string} origin
 */
const checkUnauthenticated = ({ seen, text = '', failure }, origin) => {
  if (failure !== undefined) return explainConnection(NAME, 'The app', failure);
  const { status = 0, isPage } = seen;
  if (isPage && status !== 401) {
    return failed(
      NAME,
      'routesArePage',
      `--auth-url returns a web page (HTTP ${status}) instead of the auth routes.`,
      "Check --auth-url. If a proxy or a single-page app's fallback answers, route these paths " +
        'to the backend first.',
    );
  }
  if (status >= 200 && status < 300) {
    const given = /"(authToken|accessToken|token)"/.test(text) ? 'a token' : `HTTP ${status}`;
    return failed(
      NAME,
      'tokenForAnyone',
      `POST /token returns ${given} to a caller who is not signed in to the app.`,
      "Take the user from the app's own sign-in, never from the request's body, and answer 401 " +
        `to everyone else. ${HANDLER_HINT}`,
    );
  }
  if (status >= 500) {
    return failed(
      NAME,
      'routesFailing',
      `The routes are failing (HTTP ${status}).`,
      "Check the backend's log; createAuthHandler reports the cause to `onEvent`.",
    );
  }
  switch (status) {
    case 401:
      return passed(NAME, 'POST /token returns 401 to a caller who is not signed in to the app.');
    case 403:
      return failed(
        NAME,
        'originRefused',
        `The routes refuse pages of ${origin} (HTTP 403).`,
        'Add exactly this origin to `allowedOrigins`. If the routes have the same origin, check ' +
          '`publicOrigin`.',
      );
    case 404:
      return failed(
        NAME,
        'routesNotFound',
        'POST /token does not exist below --auth-url (HTTP 404).',
        'Check --auth-url and the `basePath` of createAuthHandler: the URL must end with the ' +
          'base path, like https://app.example/auth.',
      );
    case 429:
      return failed(
        NAME,
        'routesRateLimited',
        'The routes report too many requests (HTTP 429).',
        'Wait, then check `rateLimit`: anonymous callers must not use up the limit of others.',
      );
    default:
      return failed(
        NAME,
        'routesUnexpected',
        `POST /token returns HTTP ${status} to a caller who is not signed in to the app, not 401.`,
        HANDLER_HINT,
      );
  }
};

/** @param {Headers} headers */
const checkCaching = (headers) =>
  /(^|[\s,])no-store\b/i.test(headers.get('cache-control') ?? '')
    ? passed('noStore', 'The responses forbid caching (`cache-control: no-store`).')
    : failed(
        'noStore',
        'cacheable',
        'Caches can store the responses: `cache-control: no-store` is missing.',
        `Forbid it, or a cache could give one user's token to another. ${HANDLER_HINT}`,
      );

/** @param {Routes} routes */
const checkUnknownPath = async (routes) => {
  const name = 'unknownPath';
  const { seen, failure } = await sendPost(routes, '/no-such-route', routes.origin);
  if (failure !== undefined) return explainConnection(name, 'The app', failure);
  return seen.status === 404
    ? passed(name, 'Unknown paths return 404.')
    : warned(
        name,
        'unknownPathAnswered',
        `An unknown path below the routes returns HTTP ${seen.status}, not 404.`,
        'Something else also answers below this path: check that it cannot shadow the routes.',
      );
};

/**
 * Checks the address and the origin. Returns a finding only if one of them is unusable.
 *
 * @param {string} authUrl
 * @param {string | undefined} origin
 */
const checkAddresses = (authUrl, origin) => {
  const url = URL.canParse(authUrl) ? new URL(authUrl) : undefined;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.search ||
    url.hash ||
    url.username ||
    url.password
  ) {
    return failed(
      NAME,
      'authUrlRefused',
      '--auth-url must be an http: or https: URL without user info, query or fragment.',
      'Pass the address of the routes, like https://app.example/auth.',
    );
  }
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    return failed(
      NAME,
      'routesWithoutTls',
      'The routes use http:, so anyone on the network path can read the tokens.',
      'Serve them over https: only.',
    );
  }
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
    return failed(
      NAME,
      'originMalformed',
      '--origin is not an origin in the form that browsers send.',
      'Pass scheme, host and port, in lower case, without a trailing slash: https://app.example',
    );
  }
  return undefined;
};

/**
 * Checks the routes if the request has an `authUrl`.
 *
 * @param {Request} request
 * @param {FetchLike} fetch
 * @returns {Promise<Finding[]>}
 */
export const checkRoutes = async ({ authUrl, origin: pageOrigin, timeoutMs }, fetch) => {
  if (!authUrl) {
    const how = "pass --auth-url to check the app's own routes, and --origin for its pages";
    return [skipped(NAME, `Not checked: ${how}.`)];
  }
  const unusable = checkAddresses(authUrl, pageOrigin);
  if (unusable) return [unusable];
  const ownOrigin = new URL(authUrl).origin;
  const routes = { authUrl, origin: pageOrigin ?? ownOrigin, fetch, timeoutMs };
  const answer = await sendPost(routes, '/token', routes.origin);
  const first = checkUnauthenticated(answer, routes.origin);
  if (answer.failure !== undefined || FATAL_FAULTS.includes(first.fault ?? '')) return [first];
  return [
    first,
    checkCaching(answer.headers),
    routes.origin === ownOrigin
      ? skipped('cors', 'Not checked: a page of the same origin needs no CORS.')
      : await checkCors(routes, answer.headers),
    await checkForeignOrigin(routes),
    await checkUnknownPath(routes),
  ];
};

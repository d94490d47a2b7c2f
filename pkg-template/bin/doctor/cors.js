// Checks that the app's auth routes admit pages of the app's origin, and no other pages.
import { explainConnection } from './call-failures.js';
import { failed, passed, warned } from './finding.js';
import { HANDLER_HINT, sendPost, sendPreflight } from './routes-client.js';

/** @import { Routes } from './routes-client.js' */

const NAME = 'cors';
/** An origin that no app can have: `.invalid` is reserved. */
const FOREIGN_ORIGIN = 'https://stranger.invalid';

/**
 * Checks the headers that a browser requires before a page of another origin can read a response.
 *
 * @param {string} subject
 * @param {Headers} headers
 * @param {string} origin
 */
const checkReadable = (subject, headers, origin) => {
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === '*') {
    return failed(
      NAME,
      'corsWildcard',
      `${subject} allows every origin (\`*\`), which browsers reject with credentials.`,
      `Answer with the page's exact origin. ${HANDLER_HINT}`,
    );
  }
  if (allowed !== origin) {
    const actual = allowed === null ? 'is missing' : 'names another origin';
    return failed(
      NAME,
      'corsOrigin',
      `${subject} does not allow ${origin}: access-control-allow-origin ${actual}.`,
      'Add exactly this origin (scheme, host and port, no trailing slash) to `allowedOrigins`.',
    );
  }
  if (headers.get('access-control-allow-credentials') !== 'true') {
    return failed(
      NAME,
      'corsCredentials',
      `${subject} does not allow credentials, so browsers reject a request with the app's cookie.`,
      `Answer with \`access-control-allow-credentials: true\`. ${HANDLER_HINT}`,
    );
  }
  return undefined;
};

/**
 * Whether the preflight allows the header content-type. `*` does not count, because browsers ignore
 * it for requests with credentials.
 *
 * @param {Headers} headers
 */
const isContentTypeAllowed = (headers) =>
  (headers.get('access-control-allow-headers') ?? '')
    .split(',')
    .some((item) => item.trim().toLowerCase() === 'content-type');

/**
 * Checks the responses to the preflight and to POST /token. Call it only if the app's pages have a
 * different origin from the routes.
 *
 * @param {Routes} routes
 * @param {Headers} tokenHeaders
 */
export const checkCors = async (routes, tokenHeaders) => {
  const { origin } = routes;
  const unreadable = checkReadable('The answer', tokenHeaders, origin);
  if (unreadable) return unreadable;
  const { seen, headers, failure } = await sendPreflight(routes);
  if (failure !== undefined) return explainConnection(NAME, 'The app', failure);
  const { status = 0 } = seen;
  if (!(status >= 200 && status < 300)) {
    return failed(
      NAME,
      'preflightRefused',
      `The preflight (OPTIONS) fails with HTTP ${status}, so browsers never send the request.`,
      'Let OPTIONS reach the routes without a sign-in: browsers send no cookie with it.',
    );
  }
  const refused = checkReadable('The preflight', headers, origin);
  if (refused) return refused;
  if (!isContentTypeAllowed(headers)) {
    return failed(
      NAME,
      'corsHeaders',
      'The preflight does not allow the header content-type, which JSON requests need.',
      `Answer with \`access-control-allow-headers: content-type\`. ${HANDLER_HINT}`,
    );
  }
  if (!/(^|[\s,])(origin|\*)(\s*,|\s*$)/i.test(tokenHeaders.get('vary') ?? '')) {
    return warned(
      NAME,
      'varyMissing',
      'Pages of this origin can call the routes, but the answer lacks `vary: origin`.',
      'Answer with `vary: origin`, or a cache could give one origin the answer to another. ' +
        HANDLER_HINT,
    );
  }
  return passed(NAME, `Pages of ${origin} can call the routes with credentials.`);
};

/**
 * Checks that the routes refuse pages of an unknown origin.
 *
 * @param {Routes} routes
 */
export const checkForeignOrigin = async (routes) => {
  const name = 'strangers';
  const { seen, headers, failure } = await sendPost(routes, '/token', FOREIGN_ORIGIN);
  if (failure !== undefined) return explainConnection(name, 'The app', failure);
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === FOREIGN_ORIGIN || allowed === 'null') {
    return failed(
      name,
      'corsAnyOrigin',
      'Every origin is allowed: any page that a user opens could get a token in their name.',
      "Allow only exact origins from a list; never repeat the request's origin unchecked. " +
        HANDLER_HINT,
    );
  }
  return seen.status === 403
    ? passed(name, 'Pages of other origins are refused.')
    : warned(
        name,
        'strangersServed',
        `A request from another origin is answered with HTTP ${seen.status}, not 403.`,
        `Refuse it with 403: browsers hide the answer, but not the effects. ${HANDLER_HINT}`,
      );
};

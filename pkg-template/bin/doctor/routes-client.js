// Sends requests to the app's auth routes, as a browser would send them.
import { probeApp } from './probe.js';

/** @import { FetchLike } from 'social-plus-auth/edge' */

/**
 * @typedef {object} Routes
 * @property {string} authUrl - Without a trailing slash.
 * @property {string} origin - The origin of the app's pages.
 * @property {FetchLike} fetch
 * @property {number} [timeoutMs]
 */

/** The last sentence of a remedy for a fault that an app with createAuthHandler does not have. */
export const HANDLER_HINT = 'createAuthHandler of social-plus-auth/edge does so.';

/**
 * Returns the headers with which a browser says which page sends a request. `cross-site` also
 * stands for another origin of the same site.
 *
 * @param {string} authUrl
 * @param {string} origin
 */
const describePage = (authUrl, origin) => ({
  origin,
  'sec-fetch-site': origin === new URL(authUrl).origin ? 'same-origin' : 'cross-site',
});

/**
 * Sends a POST request without a cookie, as a page of the origin would send it.
 *
 * @param {Routes} routes
 * @param {string} path
 * @param {string} origin
 */
export const sendPost = ({ authUrl, fetch, timeoutMs }, path, origin) => {
  const headers = { ...describePage(authUrl, origin), 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: '{}' };
  return probeApp(fetch, `${authUrl}${path}`, init, timeoutMs);
};

/**
 * Sends the preflight of POST /token.
 *
 * @param {Routes} routes
 */
export const sendPreflight = ({ authUrl, origin, fetch, timeoutMs }) => {
  const headers = {
    ...describePage(authUrl, origin),
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  };
  return probeApp(fetch, `${authUrl}/token`, { method: 'OPTIONS', headers }, timeoutMs);
};

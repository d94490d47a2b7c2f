// Sends requests to the app's auth routes the way a browser does.
import { probeApp } from './probe.js';

/** @import { FetchLike } from 'social-plus-auth/edge' */

/**
 * @typedef {object} Routes
 * @property {string} authUrl - Without a trailing slash.
 * @property {string} origin - The origin of the app's pages.
 * @property {FetchLike} fetch
 */

/** Ends a remedy that createAuthHandler makes unnecessary. */
export const HANDLER_HINT = 'createAuthHandler of social-plus-auth/edge does this.';

/**
 * Sends a POST request as a page of the origin would, without a cookie.
 *
 * @param {Routes} routes
 * @param {string} path
 * @param {string} origin
 */
export const sendPost = ({ authUrl, fetch }, path, origin) =>
  probeApp(fetch, `${authUrl}${path}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{}',
  });

/**
 * Sends the preflight of POST /token.
 *
 * @param {Routes} routes
 */
export const sendPreflight = ({ authUrl, origin, fetch }) =>
  probeApp(fetch, `${authUrl}/token`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });

// The app's backend, on Workers: the only place that holds the server key. In secure mode, the page
// needs an auth token to sign in to social.plus. `handleAuth` mints one, but only for the user who
// is signed in to the app.
import { createAuthHandler } from 'social-plus-auth/edge';
import { handleApp } from './app-routes.js';
import { findSignedInUser } from './app-sign-in.js';
import { createTimedFetch, withTimings } from './server-timing.js';

/** @import { AuthHandlerOptions } from 'social-plus-auth/edge' */
/** @import { Env } from './types.js' */

/** @type {AuthHandlerOptions<Env & { timings: string[] }>} */
const options = {
  region: (env) => env.SOCIAL_PLUS_REGION,
  endpoint: (env) => env.SOCIAL_PLUS_ENDPOINT,
  serverKey: (env) => env.SOCIAL_PLUS_SERVER_KEY,
  authenticate: (request, env) => findSignedInUser(request, env.COOKIE_SECRET),
  fetch: createTimedFetch,
  // Logs the details that the response omits. The log line and the response share a correlation
  // id.
  onEvent: (event) => {
    if (event.type === 'error') console.error(JSON.stringify(event));
  },
};
const handleAuth = createAuthHandler(options);

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  fetch: (request, env) =>
    new URL(request.url).pathname.startsWith('/auth/')
      ? withTimings(handleAuth, request, env)
      : handleApp(request, env),
};

// The app's backend, on Workers: the only place that holds the server key. In secure mode, `auth`
// mints the auth token that the page needs to sign in to social.plus. It mints one only for the
// user who is signed in to the app.
import { createAuthHandler } from 'social-plus-auth/edge';
import { app } from './app-routes.js';
import { signedInUser } from './app-sign-in.js';
import { timedFetch, withTimings } from './server-timing.js';

/** @import { AuthHandlerOptions } from 'social-plus-auth/edge' */
/** @import { Env } from './types.js' */

/** @type {AuthHandlerOptions<Env & { timings: string[] }>} */
const options = {
  region: (env) => env.SOCIAL_PLUS_REGION,
  endpoint: (env) => env.SOCIAL_PLUS_ENDPOINT,
  serverKey: (env) => env.SOCIAL_PLUS_SERVER_KEY,
  authenticate: (request, env) => signedInUser(request, env.COOKIE_SECRET),
  fetch: timedFetch,
  // Logs the details that the response omits, with the same correlation id.
  onEvent: (event) => {
    if (event.type === 'error') console.error(JSON.stringify(event));
  },
};
const auth = createAuthHandler(options);

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  fetch: (request, env) =>
    new URL(request.url).pathname.startsWith('/auth/')
      ? withTimings(auth, request, env)
      : app(request, env),
};

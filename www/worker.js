// The app's backend, on Workers: the only place that holds the server key. `auth` mints the auth
// token with which the page signs in to social.plus in secure mode, for the one who asks and no
// other; who that is the app knows by its own sign-in.
import { createAuthHandler } from 'social-plus-auth/edge';
import { app } from './app-routes.js';
import { signedInUser } from './app-sign-in.js';
import { timedFetch, withTimings } from './server-timing.js';

const auth = createAuthHandler({
  region: (env) => env.SOCIAL_PLUS_REGION,
  endpoint: (env) => env.SOCIAL_PLUS_ENDPOINT,
  serverKey: (env) => env.SOCIAL_PLUS_SERVER_KEY,
  authenticate: (request, env) => signedInUser(request, env.COOKIE_SECRET),
  fetch: timedFetch,
  // What the client is not told stands in the worker's log, under the correlation id that it is
  // told.
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

export default {
  fetch: (request, env) =>
    new URL(request.url).pathname.startsWith('/auth/')
      ? withTimings(auth, request, env)
      : app(request, env),
};

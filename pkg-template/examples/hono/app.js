// The auth routes in a Hono app on any runtime: POST /auth/token and POST /auth/session.
import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../sign-in.js';

/**
 * The environment variables and, on Workers, perhaps an mTLS binding.
 *
 * @typedef {import('../env.js').Env & { SOCIAL_PLUS_MTLS?: { fetch: typeof fetch } }} AppEnv
 */

const auth = createAuthHandler({
  region: (/** @type {AppEnv} */ vars) => vars.SOCIAL_PLUS_REGION,
  endpoint: (vars) => vars.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: (vars) => vars.SOCIAL_PLUS_SERVER_KEY,
  apiKey: (vars) => vars.SOCIAL_PLUS_API_KEY,
  publicOrigin: (vars) => vars.PUBLIC_ORIGIN,
  authenticate: (request, vars) => findSignedInUser(request, vars.SESSION_SECRET),
  // The mTLS binding, if there is one; otherwise the global `fetch`.
  fetch: ({ SOCIAL_PLUS_MTLS: mtls }) => mtls && ((url, init) => mtls.fetch(url, init)),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

/** @type {Hono<{ Bindings: AppEnv }>} */
const app = new Hono();
// Hono's `env` returns the variables of the runtime: a Worker's bindings, `process.env` or
// `Deno.env`.
app.all('/auth/*', (context) => auth(context.req.raw, env(context)));

export default app;

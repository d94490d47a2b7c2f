// The auth routes as a Cloudflare Worker: POST /auth/token and POST /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../sign-in.js';

/**
 * The variables, and the bindings of wrangler.jsonc.
 *
 * @typedef {import('../env.js').Env & {
 *   AUTH_LIMITER: { limit(options: { key?: string }): Promise<{ success: boolean }> },
 *   SOCIAL_PLUS_MTLS?: { fetch: typeof fetch },
 * }} WorkerEnv
 */

const auth = createAuthHandler({
  region: (/** @type {WorkerEnv} */ env) => env.SOCIAL_PLUS_REGION,
  endpoint: (env) => env.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: (env) => env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: (env) => env.SOCIAL_PLUS_API_KEY,
  publicOrigin: (env) => env.PUBLIC_ORIGIN,
  authenticate: (request, env) => findSignedInUser(request, env.SESSION_SECRET),
  rateLimit: async ({ userId }, env) => (await env.AUTH_LIMITER.limit({ key: userId })).success,
  // The mTLS binding, if wrangler.jsonc has one; otherwise the global `fetch`.
  fetch: ({ SOCIAL_PLUS_MTLS: mtls }) => mtls && ((url, init) => mtls.fetch(url, init)),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

export default {
  /**
   * @param {Request} request
   * @param {WorkerEnv} env
   */
  fetch: (request, env) => auth(request, env),
};

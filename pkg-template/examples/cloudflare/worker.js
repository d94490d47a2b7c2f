// The auth routes as a Cloudflare Worker: POST /auth/token and /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { signedInUser } from '../sign-in.js';

const auth = createAuthHandler({
  region: (env) => env.SOCIAL_PLUS_REGION,
  endpoint: (env) => env.SOCIAL_PLUS_ENDPOINT, // instead of the region: the emulator's, say
  serverKey: (env) => env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: (env) => env.SOCIAL_PLUS_API_KEY,
  authenticate: (request, env) => signedInUser(request, env.SESSION_SECRET),
  rateLimit: async ({ userId }, env) => (await env.AUTH_LIMITER.limit({ key: userId })).success,
  // The mTLS binding, if there is one.
  fetch: ({ SOCIAL_PLUS_MTLS: mtls }) => mtls && ((url, init) => mtls.fetch(url, init)),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

export default { fetch: (request, env) => auth(request, env) };

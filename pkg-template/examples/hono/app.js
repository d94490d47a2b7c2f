// The auth routes in a Hono app, on whatever runs Hono: POST /auth/token and /auth/session.
import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { createAuthHandler } from 'social-plus-auth/edge';
import { signedInUser } from '../sign-in.js';

const auth = createAuthHandler({
  region: ({ SOCIAL_PLUS_REGION }) => SOCIAL_PLUS_REGION,
  endpoint: ({ SOCIAL_PLUS_ENDPOINT }) => SOCIAL_PLUS_ENDPOINT, // instead of the region: the emulator's, say
  serverKey: ({ SOCIAL_PLUS_SERVER_KEY }) => SOCIAL_PLUS_SERVER_KEY,
  apiKey: ({ SOCIAL_PLUS_API_KEY }) => SOCIAL_PLUS_API_KEY,
  authenticate: (request, { SESSION_SECRET }) => signedInUser(request, SESSION_SECRET),
  // On Workers: the mTLS binding, if there is one.
  fetch: ({ SOCIAL_PLUS_MTLS: mtls }) => mtls && ((url, init) => mtls.fetch(url, init)),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

const app = new Hono();
// Hono's `env` finds the variables of every runtime: a worker's bindings, `process.env`,
// `Deno.env`.
app.all('/auth/*', (context) => auth(context.req.raw, env(context)));

export default app;

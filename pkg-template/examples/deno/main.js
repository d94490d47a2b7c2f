// The auth routes on Deno and Deno Deploy: POST /auth/token and POST /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../sign-in.js';

const env = Deno.env.toObject();

// Only with mTLS: the client certificate and its private key.
const cert = env.SOCIAL_PLUS_CLIENT_CERTIFICATE;
const client = cert ? Deno.createHttpClient({ cert, key: env.SOCIAL_PLUS_CLIENT_KEY }) : undefined;

const auth = createAuthHandler({
  region: env.SOCIAL_PLUS_REGION,
  endpoint: env.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: env.SOCIAL_PLUS_API_KEY,
  publicOrigin: env.PUBLIC_ORIGIN,
  authenticate: (request) => findSignedInUser(request, env.SESSION_SECRET),
  fetch: () => (url, init) => fetch(url, { ...init, client }),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

Deno.serve({ hostname: env.HOST, port: Number(env.PORT ?? 3000) }, (request) => auth(request));

// The auth routes on Bun: POST /auth/token and POST /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../sign-in.js';

const { env } = process;

// Only with mTLS: the client certificate and its private key.
const cert = env.SOCIAL_PLUS_CLIENT_CERTIFICATE;
const tls = cert ? { cert, key: env.SOCIAL_PLUS_CLIENT_KEY } : undefined;

const auth = createAuthHandler({
  region: env.SOCIAL_PLUS_REGION,
  endpoint: env.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: env.SOCIAL_PLUS_API_KEY,
  publicOrigin: env.PUBLIC_ORIGIN,
  authenticate: (request) => findSignedInUser(request, env.SESSION_SECRET),
  fetch: () => (url, init) => fetch(url, { ...init, tls }),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

const server = Bun.serve({
  hostname: env.HOST,
  port: env.PORT ?? 3000,
  fetch: (request) => auth(request),
});
console.log(`Listening on port ${server.port}`);

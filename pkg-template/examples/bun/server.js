// The auth routes on Bun: POST /auth/token and /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { signedInUser } from '../sign-in.js';

const { env } = process;

// With mTLS on: the client certificate and its key, in PEM.
const cert = env.SOCIAL_PLUS_CLIENT_CERTIFICATE;
const tls = cert && { cert, key: env.SOCIAL_PLUS_CLIENT_KEY };

const auth = createAuthHandler({
  region: env.SOCIAL_PLUS_REGION,
  endpoint: env.SOCIAL_PLUS_ENDPOINT, // instead of the region: the emulator's, say
  serverKey: env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: env.SOCIAL_PLUS_API_KEY,
  authenticate: (request) => signedInUser(request, env.SESSION_SECRET),
  fetch: () => (url, init) => fetch(url, { ...init, tls }),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

const server = Bun.serve({
  hostname: env.HOST,
  port: env.PORT ?? 3000,
  fetch: (request) => auth(request),
});
console.log(`Listening on port ${server.port}`);

// The auth routes on Deno, and Deno Deploy: POST /auth/token and /auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { signedInUser } from '../sign-in.js';

const env = (name) => Deno.env.get(name);

// With mTLS on: the client certificate and its key, in PEM.
const cert = env('SOCIAL_PLUS_CLIENT_CERTIFICATE');
const client = cert && Deno.createHttpClient({ cert, key: env('SOCIAL_PLUS_CLIENT_KEY') });

const auth = createAuthHandler({
  region: env('SOCIAL_PLUS_REGION'),
  endpoint: env('SOCIAL_PLUS_ENDPOINT'), // instead of the region: the emulator's, say
  serverKey: env('SOCIAL_PLUS_SERVER_KEY'),
  apiKey: env('SOCIAL_PLUS_API_KEY'),
  authenticate: (request) => signedInUser(request, env('SESSION_SECRET')),
  fetch: () => (url, init) => fetch(url, { ...init, client }),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

Deno.serve({ hostname: env('HOST'), port: Number(env('PORT') ?? 3000) }, (request) =>
  auth(request),
);

// The auth routes in an Express app: POST /auth/token and /auth/session.
import express from 'express';
import { createAuthHandler } from 'social-plus-auth/edge';
import { signedInUser } from '../sign-in.js';
import { toExpress } from './to-express.js';

const { env } = process;

// With mTLS on: the client certificate and its key, in PEM. The agent and the fetch must be of one
// undici, so not Node's own.
const cert = env.SOCIAL_PLUS_CLIENT_CERTIFICATE;
const undici = cert && (await import('undici'));
const dispatcher = cert && new undici.Agent({ connect: { cert, key: env.SOCIAL_PLUS_CLIENT_KEY } });

const auth = createAuthHandler({
  region: env.SOCIAL_PLUS_REGION,
  endpoint: env.SOCIAL_PLUS_ENDPOINT, // instead of the region: the emulator's, say
  serverKey: env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: env.SOCIAL_PLUS_API_KEY,
  authenticate: (request) => signedInUser(request, env.SESSION_SECRET),
  fetch: () => dispatcher && ((url, init) => undici.fetch(url, { ...init, dispatcher })),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

const app = express();
// Behind a proxy that ends TLS, tell Express so: app.set('trust proxy', 1). Otherwise the app's own
// pages look like another origin's.
app.all('/auth/*path', toExpress(auth));

const server = app.listen(env.PORT ?? 3000, env.HOST, (error) => {
  if (error) throw error;
  console.log(`Listening on port ${server.address().port}`);
});

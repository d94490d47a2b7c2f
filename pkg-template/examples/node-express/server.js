// The auth routes in an Express app: POST /auth/token and POST /auth/session.
import express from 'express';
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../sign-in.js';
import { createMtlsFetch } from './mtls-fetch.js';
import { toExpress } from './to-express.js';

const { env } = process;

// Only with mTLS: the client certificate and its private key.
const cert = env.SOCIAL_PLUS_CLIENT_CERTIFICATE;
const key = env.SOCIAL_PLUS_CLIENT_KEY;
const mtlsFetch = cert && key ? await createMtlsFetch(cert, key) : undefined;

const auth = createAuthHandler({
  region: env.SOCIAL_PLUS_REGION,
  endpoint: env.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: env.SOCIAL_PLUS_API_KEY,
  publicOrigin: env.PUBLIC_ORIGIN,
  authenticate: (request) => findSignedInUser(request, env.SESSION_SECRET),
  fetch: () => mtlsFetch,
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

const app = express();
app.all('/auth/*path', toExpress(auth));

const server = app.listen(env.PORT ?? 3000, env.HOST, (error) => {
  if (error) throw error;
  console.log(`Listening on port ${server.address().port}`);
});

// The auth routes as a Vercel Edge function: POST /api/auth/token and POST /api/auth/session.
import { createAuthHandler } from 'social-plus-auth/edge';
import { findSignedInUser } from '../../../sign-in.js';

export const config = { runtime: 'edge' };

export default createAuthHandler({
  basePath: '/api/auth',
  region: process.env.SOCIAL_PLUS_REGION,
  endpoint: process.env.SOCIAL_PLUS_ENDPOINT, // instead of the region, for example an emulator
  serverKey: process.env.SOCIAL_PLUS_SERVER_KEY,
  apiKey: process.env.SOCIAL_PLUS_API_KEY,
  publicOrigin: process.env.PUBLIC_ORIGIN,
  authenticate: (request) => findSignedInUser(request, process.env.SESSION_SECRET),
  onEvent: (event) => event.type === 'error' && console.error(JSON.stringify(event)),
});

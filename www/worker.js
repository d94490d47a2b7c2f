// The app's backend, on Workers: the only place that holds the server key. It knows its users by its own sign-in, and for the one who asks,
// and no other, it mints the auth token with which the page signs in to social.plus in secure mode.
import { createAuthToken, SocialPlusError } from 'social-plus-auth/edge';
import { signedInCookie, signedInUser, signedOutCookie } from './app-sign-in.js';
import { findPerson } from './people.js';

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method !== 'POST') return env.ASSETS ? env.ASSETS.fetch(request) : problem(404, 'There is nothing at this address.');
    if (!isSameOrigin(request)) return problem(403, 'Only pages of this origin may ask.');
    switch (pathname) {
      case '/app/sign-in':
        return signInToTheApp(request, env);
      case '/app/sign-out':
        return new Response(null, { status: 204, headers: { 'set-cookie': signedOutCookie(request) } });
      case '/auth/token':
        return mintAuthToken(request, env);
      default:
        return env.ASSETS ? env.ASSETS.fetch(request) : problem(404, 'There is nothing at this address.');
    }
  },
};

/** An auth token for the user whom the cookie names. The body is not even read: a user id in it could only be someone else's. */
async function mintAuthToken(request, env) {
  const userId = await signedInUser(request, env.COOKIE_SECRET);
  if (!userId) return problem(401, 'Sign in to the app first.');
  const timings = [];
  const onEvent = ({ type, status, durationMs }) => {
    if (type === 'response') timings.push(`createAuthToken;dur=${durationMs};desc="${status}"`);
  };
  try {
    const { token, expiresAt } = await createAuthToken(
      { region: env.SOCIAL_PLUS_REGION, endpoint: env.SOCIAL_PLUS_ENDPOINT, serverKey: env.SOCIAL_PLUS_SERVER_KEY, onEvent },
      { userId, signal: request.signal },
    );
    return Response.json(
      { authToken: token, expiresAt },
      { headers: { 'cache-control': 'no-store', 'server-timing': timings.join(', ') } },
    );
  } catch (error) {
    return refusal(error, timings);
  }
}

/** Stands for whatever sign-in an app has: here, saying who you are is enough. */
async function signInToTheApp(request, env) {
  const person = findPerson((await request.json().catch(() => null))?.userId);
  if (!person) return problem(422, 'Nobody here goes by that name.');
  return new Response(null, { status: 204, headers: { 'set-cookie': await signedInCookie(request, person.userId, env.COOKIE_SECRET) } });
}

/** Browsers say where a request comes from; what says nothing is not one of our pages. */
function isSameOrigin(request) {
  const site = request.headers.get('sec-fetch-site');
  return site ? site === 'same-origin' : request.headers.get('origin') === new URL(request.url).origin;
}

/** What went wrong at the service, told to the page: a SocialPlusError holds no key and no token, anything else is kept to ourselves. */
function refusal(error, timings) {
  if (!SocialPlusError.is(error)) return problem(500, 'The worker failed.');
  const { kind, message, operation, code, status: serviceStatus, retryable, retryAfterMs, attempts } = error;
  const headers = { 'server-timing': timings.join(', ') };
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  return problem(
    kind === 'rateLimited' ? 429 : 502,
    message,
    { kind, operation, code, serviceStatus, retryable, retryAfterMs, attempts },
    headers,
  );
}

function problem(status, title, more, headers) {
  return Response.json(
    { type: 'about:blank', title, status, ...more, correlationId: crypto.randomUUID() },
    { status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers } },
  );
}

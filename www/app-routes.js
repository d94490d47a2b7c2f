// The app's own routes, which social.plus knows nothing of: its sign-in, and behind that its pages.
import { signedInCookie, signedOutCookie } from './app-sign-in.js';
import { findPerson } from './people.js';

export async function app(request, env) {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST' && !isSameOrigin(request))
    return problem(403, 'Only pages of this origin may ask.');
  switch (`${request.method} ${pathname}`) {
    case 'POST /app/sign-in':
      return signIn(request, env);
    case 'POST /app/sign-out':
      return new Response(null, {
        status: 204,
        headers: { 'set-cookie': signedOutCookie(request) },
      });
    default:
      return env.ASSETS
        ? env.ASSETS.fetch(request)
        : problem(404, 'There is nothing at this address.');
  }
}

/** Stands for whatever sign-in an app has: here, saying who you are is enough. */
async function signIn(request, env) {
  const person = findPerson((await request.json().catch(() => null))?.userId);
  if (!person) return problem(422, 'Nobody here goes by that name.');
  return new Response(null, {
    status: 204,
    headers: { 'set-cookie': await signedInCookie(request, person.userId, env.COOKIE_SECRET) },
  });
}

/** Browsers say where a request comes from; what says nothing is not one of our pages. */
function isSameOrigin(request) {
  const site = request.headers.get('sec-fetch-site');
  return site
    ? site === 'same-origin'
    : request.headers.get('origin') === new URL(request.url).origin;
}

const problem = (status, title) =>
  Response.json(
    { type: 'about:blank', title, status },
    {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    },
  );

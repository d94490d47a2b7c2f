// The app's own routes, which do not involve social.plus: its sign-in, and its pages.
import { signedInCookie, signedOutCookie } from './app-sign-in.js';
import { findPerson } from './people.js';

/** @import { Env } from './types.js' */

/**
 * Handles every request outside of `/auth/`.
 *
 * @param {Request} request
 * @param {Env} env
 */
export async function app(request, env) {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST' && !isSameOrigin(request))
    return problem(403, 'Only pages of this origin can send this request.');
  switch (`${request.method} ${pathname}`) {
    case 'POST /app/sign-in':
      return signIn(request, env);
    case 'POST /app/sign-out':
      return new Response(null, {
        status: 204,
        headers: { 'set-cookie': signedOutCookie(request) },
      });
    default:
      return env.ASSETS ? env.ASSETS.fetch(request) : problem(404, 'Not found.');
  }
}

/**
 * Replaces the sign-in of a real app. Here the user only picks a name.
 *
 * @param {Request} request
 * @param {Env} env
 */
async function signIn(request, env) {
  const person = findPerson((await request.json().catch(() => null))?.userId);
  if (!person) return problem(422, 'No member has this user id.');
  return new Response(null, {
    status: 204,
    headers: { 'set-cookie': await signedInCookie(request, person.userId, env.COOKIE_SECRET) },
  });
}

/**
 * Browsers name the origin of a request. A request without one does not come from our pages.
 *
 * @param {Request} request
 */
function isSameOrigin(request) {
  const site = request.headers.get('sec-fetch-site');
  return site
    ? site === 'same-origin'
    : request.headers.get('origin') === new URL(request.url).origin;
}

/**
 * @param {number} status
 * @param {string} title
 */
const problem = (status, title) =>
  Response.json(
    { type: 'about:blank', title, status },
    {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    },
  );

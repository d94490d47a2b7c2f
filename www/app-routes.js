// Handles the app's own routes, which do not involve social.plus: its sign-in, its sign-out and its
// pages.
import { createSignedInCookie, createSignedOutCookie } from './app-sign-in.js';
import { findPerson } from './people.js';

/** @import { Env } from './types.js' */

/**
 * Handles every request whose path does not start with `/auth/`.
 *
 * @param {Request} request
 * @param {Env} env
 */
export async function handleApp(request, env) {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST' && !isSameOrigin(request))
    return createProblem(403, 'Only pages of this origin can send this request.');
  switch (`${request.method} ${pathname}`) {
    case 'POST /app/sign-in':
      return signIn(request, env);
    case 'POST /app/sign-out':
      return new Response(null, {
        status: 204,
        headers: { 'set-cookie': createSignedOutCookie(request) },
      });
    default:
      return env.ASSETS ? env.ASSETS.fetch(request) : createProblem(404, 'Not found.');
  }
}

/**
 * Signs a user in to the app. A real app would authenticate the user; here the user only picks a
 * name.
 *
 * @param {Request} request
 * @param {Env} env
 */
async function signIn(request, env) {
  const person = findPerson((await request.json().catch(() => null))?.userId);
  if (!person) return createProblem(422, 'No member has this user id.');
  return new Response(null, {
    status: 204,
    headers: {
      'set-cookie': await createSignedInCookie(request, person.userId, env.COOKIE_SECRET),
    },
  });
}

/**
 * Returns whether a POST request comes from a page of this origin. Every browser adds
 * `Sec-Fetch-Site` or `Origin` to a POST request, so a request with neither header does not come
 * from a page.
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
const createProblem = (status, title) =>
  Response.json(
    { type: 'about:blank', title, status },
    {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    },
  );

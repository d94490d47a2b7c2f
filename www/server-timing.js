// Reports the worker's own requests to the page in a `Server-Timing` header. With the real service
// the page has no other way to learn of them. The timings of a request are kept in its env.

/** @import { Env } from './types.js' */

/**
 * The handler's `fetch`, which records each request in the env.
 *
 * @param {{ timings: string[] }} env
 * @returns {(url: string, init: RequestInit) => Promise<Response>}
 */
export const timedFetch =
  ({ timings }) =>
  async (url, init) => {
    const start = Date.now();
    const response = await fetch(url, init);
    timings.push(`mint;dur=${Date.now() - start};desc="${response.status}"`);
    return response;
  };

/**
 * Calls `handler` and adds the timings to its response.
 *
 * @param {(request: Request, env: Env & { timings: string[] }) => Promise<Response>} handler
 * @param {Request} request
 * @param {Env} env
 */
export async function withTimings(handler, request, env) {
  /** @type {string[]} */
  const timings = [];
  const response = await handler(request, { ...env, timings });
  if (timings.length > 0) response.headers.set('server-timing', timings.join(', '));
  return response;
}

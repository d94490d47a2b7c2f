// Adds a `Server-Timing` header to the worker's responses. It tells the page which requests the
// worker sent to the service; with the real service, the page has no other source for them. While
// the worker handles a request, `env.timings` collects the values of the header.

/** @import { Env } from './types.js' */

/**
 * Returns the `fetch` of the auth handler, which records each request in `env.timings`.
 *
 * @param {{ timings: string[] }} env
 * @returns {(url: string, init: RequestInit) => Promise<Response>}
 */
export const createTimedFetch =
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

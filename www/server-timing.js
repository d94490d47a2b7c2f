// Tells the page, by `Server-Timing`, what the worker asked of the service for it: in front of the
// real one nobody else can. What belongs to one request goes with its env.

/** The handler's `fetch`, which notes each request in the env. */
export const timedFetch =
  ({ timings }) =>
  async (url, init) => {
    const started = Date.now();
    const response = await fetch(url, init);
    timings.push(`mint;dur=${Date.now() - started};desc="${response.status}"`);
    return response;
  };

/** What `handler` answers, and what it took. */
export async function withTimings(handler, request, env) {
  const timings = [];
  const response = await handler(request, { ...env, timings });
  if (timings.length > 0) response.headers.set('server-timing', timings.join(', '));
  return response;
}

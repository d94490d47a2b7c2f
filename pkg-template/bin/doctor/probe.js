// Makes one call of the library, once, and remembers what came over the wire: an error alone does
// not tell a proxy's page from the service's answer.
import { SocialPlusError } from '../../shared/error.js';
import { lastTrouble } from '../wire.js';

/** The answer as the doctor looks at it; `trouble` says why there is none. */
const remember = (seen, { status, headers }) => {
  const date = Date.parse(headers.get('date') ?? '');
  return Object.assign(seen, {
    status,
    isPage: /html/i.test(headers.get('content-type') ?? ''),
    date: Number.isNaN(date) ? undefined : date,
  });
};

/** `fetch`, remembered in `seen`. A `body` that is given replaces the call's own. */
const recorded = (fetch, seen, body) => async (url, init) => {
  seen.sentAt = Date.now();
  try {
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    seen.receivedAt = Date.now();
    remember(seen, response);
    return response;
  } catch (error) {
    seen.trouble = lastTrouble();
    throw error;
  }
};

/**
 * Resolves to `{ value }` or `{ error }`, with what was `seen`. `run` gets the options to call
 * with.
 */
export const probe = async ({ service }, run, body) => {
  const seen = {};
  try {
    return {
      seen,
      value: await run({ ...service, retry: false, fetch: recorded(service.fetch, seen, body) }),
    };
  } catch (error) {
    if (!SocialPlusError.is(error)) throw error;
    return { seen, error };
  }
};

/** The same for an address that is not the service's: the app's own. */
export const ask = async (fetch, url, init) => {
  const seen = {};
  try {
    const response = await recorded(fetch, seen)(url, {
      ...init,
      signal: AbortSignal.timeout(10_000),
    });
    return { seen, headers: response.headers, text: (await response.text()).slice(0, 4096) };
  } catch {
    return { seen: { ...seen, trouble: seen.trouble ?? 'there was no answer in 10 seconds' } };
  }
};

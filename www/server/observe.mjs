// Observes the requests that an emulator receives.

/** @import { Emulator } from 'social-plus-auth/emulator' */
/** @import { ServiceEvent } from '../types.js' */

/**
 * Returns an object that behaves like the emulator, but whose `fetch` reports two kinds of
 * requests: a request with a server key when it begins and when it ends, and a request for a
 * session when it ends.
 *
 * @param {Emulator} emulator
 * @param {(event: ServiceEvent) => void} report
 * @returns {Emulator}
 */
export function observe(emulator, report) {
  let count = 0;
  /**
   * @param {string | URL | Request} input
   * @param {RequestInit} [init]
   */
  const observedFetch = async (input, init) => {
    const request = new Request(input, init);
    const { method } = request;
    const path = new URL(request.url).pathname;
    const isMint = request.headers.has('x-server-key');
    const isSession = method === 'POST' && /^\/api\/v\d\/sessions$/.test(path);
    if (!isMint && !isSession) return emulator.fetch(request);
    const id = `service-${(count += 1)}`;
    const start = performance.now();
    /** @param {number} [responseStatus] */
    const reportEnd = (responseStatus) => {
      // These records contain no secrets: the emulator redacts them, and the tests of the demo
      // search the feed for the server key.
      const { headers, body, status, at } =
        emulator.requests.findLast((record) => record.path === path && record.method === method) ??
        {};
      if (isSession) {
        const { deviceId } = /** @type {{ deviceId?: string }} */ (body ?? {});
        const isLost = responseStatus === undefined;
        report({ phase: 'session', id, at, status, isLost, deviceId });
      } else {
        const durationMs = performance.now() - start;
        report({ phase: 'end', id, status: responseStatus, durationMs, headers, body });
      }
    };
    if (isMint) report({ phase: 'begin', id, method, path });
    try {
      const response = await emulator.fetch(request);
      reportEnd(response.status);
      return response;
    } catch (error) {
      reportEnd();
      throw error;
    }
  };
  return Object.create(emulator, { fetch: { value: observedFetch } });
}

// Observes the requests of an emulator.

/** @import { Emulator } from 'social-plus-auth/emulator' */
/** @import { ServiceEvent } from '../types.js' */

/**
 * Returns the same emulator with a `fetch` that reports two kinds of requests: those with a server
 * key when they begin and when they end, and those for a session when they end.
 *
 * @param {Emulator} emulator
 * @param {(event: ServiceEvent) => void} report
 * @returns {Emulator}
 */
export function observed(emulator, report) {
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
    const end = (responseStatus) => {
      // The emulator keeps secrets out of its records, and the demo's test checks that it does.
      const { headers, body, status, at } =
        emulator.requests.findLast((known) => known.path === path && known.method === method) ?? {};
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
      end(response.status);
      return response;
    } catch (error) {
      end();
      throw error;
    }
  };
  return Object.create(emulator, { fetch: { value: observedFetch } });
}

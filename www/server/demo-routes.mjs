// The routes under /demo/, which only a demo needs: the page's configuration, the events of the
// service, and the controls of its clock, faults and bans.
import { Response } from 'miniflare';
import { findPerson } from '../people.js';
import { createEventStream } from './feed.mjs';
import { failureNames } from './service.mjs';

/** @import { Config } from '../types.js' */
/** @import { Service } from './service.mjs' */

const HOUR_MS = 3_600_000;
/** @type {Record<string, number>} */
const durations = { hour: HOUR_MS, day: 24 * HOUR_MS, '29-days': 29 * 24 * HOUR_MS };

/** @typedef {(request: Request) => Response | Promise<Response>} Route */

/**
 * Returns the routes, keyed by method and path. With the real service, only the route of the
 * configuration exists.
 *
 * @param {object} demo
 * @param {Config} demo.config
 * @param {Service} [demo.service]
 * @param {Route} demo.callStaleWorker
 * @param {Record<string, string>} demo.headers
 * @returns {Record<string, Route>}
 */
export function createDemoRoutes({ config, service, callStaleWorker, headers }) {
  /** @param {unknown} value */
  const createJsonResponse = (value) => Response.json(value, { headers });
  const createEmptyResponse = (status = 204) => new Response(null, { status, headers });
  if (!service) return { 'GET /demo/config': () => createJsonResponse(config) };

  /** @type {(isBanned: boolean) => Route} */
  const createBanRoute = (isBanned) => async (request) => {
    const person = findPerson((await request.json().catch(() => null))?.userId);
    return createEmptyResponse(person && service.setBanned(person.userId, isBanned) ? 204 : 422);
  };
  return {
    'GET /demo/config': () =>
      createJsonResponse({
        ...config,
        aheadMs: service.advanceClock(),
        banned: service.listBannedUsers(),
      }),
    'GET /demo/events': () =>
      new Response(createEventStream(service.subscribe), {
        headers: { ...headers, 'content-type': 'text/event-stream' },
      }),
    'GET /demo/requests': () => createJsonResponse(service.listRequests()),
    ...createControlRoutes('fail', [...failureNames, 'nothing'], (name) => {
      service.fail(name);
      return createEmptyResponse();
    }),
    ...createControlRoutes('responses', ['lose', 'keep'], (name) => {
      service.setLossScheduled(name === 'lose');
      return createEmptyResponse();
    }),
    ...createControlRoutes('advance', Object.keys(durations), (name) =>
      createJsonResponse({ ms: durations[name], aheadMs: service.advanceClock(durations[name]) }),
    ),
    'POST /demo/ban': createBanRoute(true),
    'POST /demo/unban': createBanRoute(false),
    'POST /demo/stale-key/auth/token': (request) => callStaleWorker(request),
  };
}

/**
 * Returns a route `/demo/<path>/<name>` for each name.
 *
 * @param {string} path
 * @param {string[]} names
 * @param {(name: string) => Response} apply
 * @returns {Record<string, Route>}
 */
const createControlRoutes = (path, names, apply) =>
  Object.fromEntries(names.map((name) => [`POST /demo/${path}/${name}`, () => apply(name)]));

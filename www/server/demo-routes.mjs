// The routes under /demo/, which only a demo needs: the page's configuration, the events of the
// service, and the controls of its clock, faults and bans.
import { Response } from 'miniflare';
import { findPerson } from '../people.js';
import { eventStream } from './feed.mjs';
import { failureNames } from './service.mjs';

/** @import { Config } from '../types.js' */
/** @import { Service } from './service.mjs' */

const HOUR_MS = 3_600_000;
/** @type {Record<string, number>} */
const durations = { hour: HOUR_MS, day: 24 * HOUR_MS, '29-days': 29 * 24 * HOUR_MS };

/** @typedef {(request: Request) => Response | Promise<Response>} Route */

/**
 * Returns the routes by method and path. With the real service only the configuration is there.
 *
 * @param {object} demo
 * @param {Config} demo.config
 * @param {Service} [demo.service]
 * @param {Route} demo.callStaleWorker
 * @param {Record<string, string>} demo.headers
 * @returns {Record<string, Route>}
 */
export function demoRoutes({ config, service, callStaleWorker, headers }) {
  /** @param {unknown} value */
  const json = (value) => Response.json(value, { headers });
  const noContent = (status = 204) => new Response(null, { status, headers });
  if (!service) return { 'GET /demo/config': () => json(config) };

  /** @type {(isBanned: boolean) => Route} */
  const setBanned = (isBanned) => async (request) => {
    const person = findPerson((await request.json().catch(() => null))?.userId);
    return noContent(person && service.setBanned(person.userId, isBanned) ? 204 : 422);
  };
  return {
    'GET /demo/config': () =>
      json({ ...config, aheadMs: service.advanceClock(), banned: service.banned() }),
    'GET /demo/events': () =>
      new Response(eventStream(service.subscribe), {
        headers: { ...headers, 'content-type': 'text/event-stream' },
      }),
    'GET /demo/requests': () => json(service.requests()),
    ...control('fail', [...failureNames, 'nothing'], (name) => {
      service.fail(name);
      return noContent();
    }),
    ...control('responses', ['lose', 'keep'], (name) => {
      service.setLosing(name === 'lose');
      return noContent();
    }),
    ...control('advance', Object.keys(durations), (name) =>
      json({ ms: durations[name], aheadMs: service.advanceClock(durations[name]) }),
    ),
    'POST /demo/ban': setBanned(true),
    'POST /demo/unban': setBanned(false),
    'POST /demo/stale-key/auth/token': (request) => callStaleWorker(request),
  };
}

/**
 * Returns one route for each name of a control.
 *
 * @param {string} path
 * @param {string[]} names
 * @param {(name: string) => Response} apply
 * @returns {Record<string, Route>}
 */
const control = (path, names, apply) =>
  Object.fromEntries(names.map((name) => [`POST /demo/${path}/${name}`, () => apply(name)]));

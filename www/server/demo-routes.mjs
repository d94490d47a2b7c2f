// What only a demo needs, under /demo/: what the page must know to begin, what is heard at the
// service's door, and the levers by which the service's clock, faults and bans are moved.
import { Response } from 'miniflare';
import { findPerson } from '../people.js';
import { eventStream } from './feed.mjs';
import { failureNames } from './service.mjs';

const hour = 3_600_000;
const turns = { hour, day: 24 * hour, '29-days': 29 * 24 * hour };

/** The routes by method and path. In front of the real service there is only the first. */
export function demoRoutes({ config, service, askStaleWorker, headers }) {
  const json = (value) => Response.json(value, { headers });
  const done = (status = 204) => new Response(null, { status, headers });
  if (!service) return { 'GET /demo/config': () => json(config) };

  const ban = (wanted) => async (request) => {
    const person = findPerson((await request.json().catch(() => null))?.userId);
    return done(person && service.ban(person.userId, wanted) ? 204 : 422);
  };
  return {
    'GET /demo/config': () =>
      json({ ...config, aheadMs: service.turn(), banned: service.banned() }),
    'GET /demo/events': () =>
      new Response(eventStream(service.subscribe), {
        headers: { ...headers, 'content-type': 'text/event-stream' },
      }),
    'GET /demo/requests': () => json(service.requests()),
    ...lever('fail', [...failureNames, 'nothing'], (name) => (service.fail(name), done())),
    ...lever(
      'answers',
      ['lose', 'keep'],
      (name) => (service.loseNextAnswer(name === 'lose'), done()),
    ),
    ...lever('turn', Object.keys(turns), (name) =>
      json({ ms: turns[name], aheadMs: service.turn(turns[name]) }),
    ),
    'POST /demo/ban': ban(true),
    'POST /demo/unban': ban(false),
    'POST /demo/stale-key/auth/token': (request) => askStaleWorker(request),
  };
}

const lever = (path, names, move) =>
  Object.fromEntries(names.map((name) => [`POST /demo/${path}/${name}`, () => move(name)]));

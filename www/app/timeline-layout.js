// Computes the positions on the timeline, as numbers from 0 to 1, from the entries of the event
// log. Independent of the page.

/** @import { LogEntry } from '../types.js' */

/** @typedef {{ id: string, from: number, to: number }} Span */
/**
 * @typedef {object} Lane
 * @property {LogEntry['tab']} name
 * @property {string} [state] - the last one; `undefined` if the tab is closed
 * @property {(Span & { state?: string })[]} segments
 * @property {LogEntry[]} marks - with their positions as `at`
 */
/** @typedef {{ at: (moment: number) => number, shows: (moment: number) => boolean }} Scale */

// As many moments as fit. Older ones are not shown.
const MAX_MOMENTS = 36;
/**
 * The width of a gap grows with the logarithm of its length, so that seconds and weeks fit in one
 * picture.
 *
 * @param {number} ms
 */
const gapWidth = (ms) => 0.35 + Math.log10(1 + ms / 250);

/** @type {'service'} */
const SERVICE = 'service';
const MARKED = new Set(['renewed', 'failed', 'session']);

/**
 * Returns a lane for each tab and for the service, the spans by which the clock was advanced, and
 * the spans in which the browser was offline.
 *
 * @param {LogEntry[]} entries - sorted by time
 * @param {number} now
 */
export function layout(entries, now) {
  const scale = createScale(entries, now);
  const tabs = new Set(entries.flatMap(({ tab }) => (tab === SERVICE ? [] : [tab])));
  const names = [...[...tabs].sort((one, other) => one - other), SERVICE];
  const lanes = names.map((name) => laneOf(name, entries, scale, now));
  return {
    // A closed tab is shown for as long as its last state is.
    lanes: lanes.filter(({ name, segments }) => name === SERVICE || segments.length > 0),
    advances: entries
      .filter(({ kind, at }) => kind === 'advance' && scale.shows(at))
      .map(({ id, at, ms = 0, name }) => ({
        id,
        name,
        from: scale.at(at - ms),
        to: scale.at(at),
      })),
    outages: spans(entries, 'offline', 'online', scale, now),
  };
}

/**
 * @param {LogEntry['tab']} name
 * @param {LogEntry[]} entries
 * @param {Scale} scale
 * @param {number} now
 * @returns {Lane}
 */
function laneOf(name, entries, scale, now) {
  const own = entries.filter(({ tab }) => tab === name);
  return {
    name,
    state: own.findLast(({ kind }) => kind === 'state' || kind === 'closed')?.state,
    segments: spans(own, 'state', 'closed', scale, now),
    marks: own
      .filter(({ kind, at }) => MARKED.has(kind) && scale.shows(at))
      .map((entry) => ({ ...entry, at: scale.at(entry.at) })),
  };
}

/**
 * Places the latest moments between 0 and 1. Earlier moments are at 0.
 *
 * @param {LogEntry[]} entries
 * @param {number} now
 * @returns {Scale}
 */
function createScale(entries, now) {
  const all = entries.flatMap(({ kind, at, ms = 0 }) =>
    kind === 'advance' ? [at - ms, at] : [at],
  );
  const moments = [...new Set([...all, now])].sort((one, other) => one - other).slice(-MAX_MOMENTS);
  let sum = 0;
  const sums = moments.map((moment, index) => {
    const previous = moments[index - 1];
    if (previous !== undefined) sum += gapWidth(moment - previous);
    return sum;
  });
  const total = sum || 1;
  const positions = new Map(moments.map((moment, index) => [moment, (sums[index] ?? 0) / total]));
  return {
    at: (moment) => positions.get(moment) ?? 0,
    shows: (moment) => positions.has(moment),
  };
}

/**
 * Returns a span for each entry of the kind `start`. It ends at the next entry of either kind, or
 * now.
 *
 * @param {LogEntry[]} entries
 * @param {LogEntry['kind']} start
 * @param {LogEntry['kind']} end
 * @param {Scale} scale
 * @param {number} now
 */
function spans(entries, start, end, scale, now) {
  const changes = entries.filter(({ kind }) => kind === start || kind === end);
  return changes.flatMap(({ id, at, kind, state }, index) => {
    const endsAt = changes[index + 1]?.at ?? now;
    return kind === start && scale.shows(endsAt)
      ? [{ id, state, from: scale.at(at), to: scale.at(endsAt) }]
      : [];
  });
}

// Computes the positions on the timeline, as numbers from 0 to 1, from the entries of the event
// log. This module does not access the page.

/** @import { LogEntry } from '../types.js' */

/** @typedef {{ id: string, from: number, to: number }} Span */
/**
 * @typedef {object} Lane
 * @property {LogEntry['tab']} name
 * @property {string} [state] - the latest state; `undefined` if the tab is closed
 * @property {(Span & { state?: string })[]} segments
 * @property {LogEntry[]} marks - copies of entries, whose `at` is not a time but a position
 */
/**
 * @typedef {object} Scale
 * @property {(moment: number) => number} toPosition
 * @property {(moment: number) => boolean} isShown
 */

// The number of moments that fit on the timeline. Older moments are not shown.
const MAX_SHOWN_MOMENTS = 36;
/**
 * Returns the relative width of a gap between two moments. It grows with the logarithm of the gap's
 * duration, so that seconds and weeks fit into one picture.
 *
 * @param {number} ms
 */
const computeGapWidth = (ms) => 0.35 + Math.log10(1 + ms / 250);

/** @type {'service'} */
const SERVICE = 'service';
const MARKED_KINDS = new Set(['renewed', 'failed', 'session']);

/**
 * Returns a lane for each tab and for the service, the spans by which the clock was advanced, and
 * the spans in which the browser was offline.
 *
 * @param {LogEntry[]} entries - sorted by time
 * @param {number} now
 */
export function computeLayout(entries, now) {
  const scale = createScale(entries, now);
  const tabs = new Set(entries.flatMap(({ tab }) => (tab === SERVICE ? [] : [tab])));
  const names = [...[...tabs].sort((one, other) => one - other), SERVICE];
  const lanes = names.map((name) => computeLane(name, entries, scale, now));
  return {
    // Omits a closed tab as soon as its last state is too old to be shown.
    lanes: lanes.filter(({ name, segments }) => name === SERVICE || segments.length > 0),
    advances: entries
      .filter(({ kind, at }) => kind === 'advance' && scale.isShown(at))
      .map(({ id, at, ms = 0, name }) => ({
        id,
        name,
        from: scale.toPosition(at - ms),
        to: scale.toPosition(at),
      })),
    outages: findSpans(entries, 'offline', 'online', scale, now),
  };
}

/**
 * @param {LogEntry['tab']} name
 * @param {LogEntry[]} entries
 * @param {Scale} scale
 * @param {number} now
 * @returns {Lane}
 */
function computeLane(name, entries, scale, now) {
  const own = entries.filter(({ tab }) => tab === name);
  return {
    name,
    state: own.findLast(({ kind }) => kind === 'state' || kind === 'closed')?.state,
    segments: findSpans(own, 'state', 'closed', scale, now),
    marks: own
      .filter(({ kind, at }) => MARKED_KINDS.has(kind) && scale.isShown(at))
      .map((entry) => ({ ...entry, at: scale.toPosition(entry.at) })),
  };
}

/**
 * Returns a scale that places the latest moments between 0 and 1, and all earlier moments at 0.
 *
 * @param {LogEntry[]} entries
 * @param {number} now
 * @returns {Scale}
 */
function createScale(entries, now) {
  const all = entries.flatMap(({ kind, at, ms = 0 }) =>
    kind === 'advance' ? [at - ms, at] : [at],
  );
  const moments = [...new Set([...all, now])]
    .sort((one, other) => one - other)
    .slice(-MAX_SHOWN_MOMENTS);
  let sum = 0;
  const sums = moments.map((moment, index) => {
    const previous = moments[index - 1];
    if (previous !== undefined) sum += computeGapWidth(moment - previous);
    return sum;
  });
  const total = sum || 1;
  const positions = new Map(moments.map((moment, index) => [moment, (sums[index] ?? 0) / total]));
  return {
    toPosition: (moment) => positions.get(moment) ?? 0,
    isShown: (moment) => positions.has(moment),
  };
}

/**
 * Returns a span for each entry of the kind `start`. A span ends at the next entry of the kind
 * `start` or `end`, or at `now` if no such entry follows. Spans that end before the timeline begins
 * are omitted.
 *
 * @param {LogEntry[]} entries
 * @param {LogEntry['kind']} start
 * @param {LogEntry['kind']} end
 * @param {Scale} scale
 * @param {number} now
 */
function findSpans(entries, start, end, scale, now) {
  const changes = entries.filter(({ kind }) => kind === start || kind === end);
  return changes.flatMap(({ id, at, kind, state }, index) => {
    const endsAt = changes[index + 1]?.at ?? now;
    return kind === start && scale.isShown(endsAt)
      ? [{ id, state, from: scale.toPosition(at), to: scale.toPosition(endsAt) }]
      : [];
  });
}

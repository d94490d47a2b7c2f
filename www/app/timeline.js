// Draws the event log as a timeline: a lane for each tab and one for the service, with the time of
// the demo's clock from left to right. The list beside the timeline says the same in words, so
// screen readers skip the timeline.
import { byId, make, style } from './dom.js';
import { describe, formatLane } from './event-wording.js';
import { computeLayout } from './timeline-layout.js';

/** @import { LogEntry } from '../types.js' */
/** @import { AdjustableClock } from './clock.js' */
/** @import { EventLog } from './event-log.js' */
/** @import { Lane } from './timeline-layout.js' */

const MAX_LIST_ENTRIES = 40;
const REDRAW_MS = 1000;

/**
 * @param {EventLog} log
 * @param {AdjustableClock} clock
 */
export function showTimeline(log, clock) {
  const picture = new Picture(byId('timeline'));
  const draw = () => picture.draw(computeLayout(log.entries, clock.now()));
  const update = () => {
    draw();
    writeList(log.entries);
  };
  log.onEntry(update);
  setInterval(draw, REDRAW_MS);
  update();
}

/** Draws the timeline. Reuses the elements of the previous drawing, so that they move smoothly. */
class Picture {
  #container;
  /** @type {Map<string, HTMLElement>} */
  #previous = new Map();
  /** @type {Map<string, HTMLElement>} */
  #current = new Map();

  /** @param {HTMLElement} container */
  constructor(container) {
    this.#container = container;
  }

  /** @param {ReturnType<typeof computeLayout>} layout */
  draw({ lanes, advances, outages }) {
    this.#current = new Map();
    const background = this.#element('background', () => make('div', { class: 'background' }));
    setChildren(background, [
      ...advances.map(({ id, name, from, to }) =>
        this.#element(id, () => make('span', { class: 'advance' }, make('span', {}, name)), {
          from,
          to,
        }),
      ),
      ...outages.map(({ id, from, to }) =>
        this.#element(id, () => make('span', { class: 'outage' }), { from, to }),
      ),
    ]);
    setChildren(this.#container, [background, ...lanes.flatMap((lane) => this.#drawLane(lane))]);
    this.#previous = this.#current;
  }

  /** @param {Lane} lane */
  #drawLane({ name, state, segments, marks }) {
    const track = this.#element(`${name} track`, () => make('div', { class: 'track' }));
    setChildren(track, [
      ...segments.map((segment) =>
        this.#element(
          segment.id,
          () => {
            const attributes = { class: 'segment', 'data-name': segment.state };
            return make('span', attributes, make('span', {}, segment.state));
          },
          { from: segment.from, to: segment.to },
        ),
      ),
      ...marks.map((entry) =>
        this.#element(
          `${entry.id} mark`,
          () => make('span', { class: `mark ${chooseMarkClass(entry)}` }),
          { at: entry.at },
        ),
      ),
    ]);
    const label = this.#element(`${name} label`, () =>
      make('div', { class: 'lane' }, make('strong', {}, formatLane(name)), make('small', {})),
    );
    const caption = name === 'service' ? 'sessions created' : (state ?? 'closed');
    label.lastElementChild?.replaceChildren(caption);
    return [label, track];
  }

  /**
   * Returns the element with this key, and sets its positions. Creates the element if the previous
   * drawing did not have it.
   *
   * @param {string} key
   * @param {() => HTMLElement} create
   * @param {Record<string, number>} positions
   */
  #element(key, create, positions = {}) {
    const properties = Object.entries(positions).map(([name, value]) => [
      `--${name}`,
      value.toFixed(4),
    ]);
    const element = this.#previous.get(key) ?? create();
    this.#current.set(key, element);
    return style(element, Object.fromEntries(properties));
  }
}

/**
 * Sets the children of an element. Moves only the children that differ, because an element that is
 * inserted again loses its animations.
 *
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
function setChildren(parent, children) {
  children.forEach((child, index) => {
    if (parent.children[index] !== child)
      parent.insertBefore(child, parent.children[index] ?? null);
  });
  while (parent.children.length > children.length) parent.lastElementChild?.remove();
}

/** @param {LogEntry[]} entries */
function writeList(entries) {
  byId('log').replaceChildren(
    ...entries
      .slice(-MAX_LIST_ENTRIES)
      .reverse()
      .map((entry) =>
        make(
          'li',
          { 'data-id': entry.id },
          make('time', {}, formatMoment(entry.at)),
          make('span', {}, describe(entry)),
        ),
      ),
  );
}

/** @param {LogEntry} entry */
function chooseMarkClass({ kind, byThisTab, status, isLost }) {
  if (kind === 'renewed') return byThisTab ? 'renewed-here' : 'renewed-elsewhere';
  if (kind === 'failed') return 'failed';
  return isLost ? 'created lost' : status === 200 ? 'created' : 'failed';
}

/** @type {Intl.DateTimeFormatOptions} */
const momentFormat = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};

/**
 * Formats a time as date and time of day, without the year.
 *
 * @param {number} ms
 */
export const formatMoment = (ms) => new Date(ms).toLocaleString(undefined, momentFormat);

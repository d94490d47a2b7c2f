// Draws the live sequence diagram: three lanes, with a solid arrow for each request and a dashed
// arrow for its response. Each arrow is a button whose label describes the request or the response
// to screen readers.
import { byId, formatDuration, make, style } from './dom.js';
import { renderDetails } from './details.js';
import { actors, describeExchange, outline } from './wording.js';

/** @import { Actor, Exchange, Row } from '../types.js' */
/** @import { RowEvent, Trace } from './trace.js' */

/** @type {Record<Actor, number>} */
const lane = { page: 0, worker: 1, service: 2 };
// Local requests are too fast to follow, so each row appears at least this long after the previous
// row. The durations that the rows show are not changed.
const ROW_INTERVAL_MS = 130;

/** @param {Trace} trace */
export function showDiagram(trace) {
  const list = byId('lanes');
  const details = byId('details');
  /** @type {Map<Row, HTMLElement>} */
  const elements = new Map();
  /** @type {Exchange | undefined} */
  let selected;
  let lastShownAt = 0;

  /** @param {Exchange} [exchange] */
  const select = (exchange) => {
    selected = exchange;
    details.hidden = !exchange;
    if (exchange) renderDetails(details, exchange);
    for (const [row, element] of elements) {
      const isSelected = row.type !== 'note' && row.exchange === exchange;
      element.querySelector('button')?.setAttribute('aria-expanded', String(isSelected));
    }
  };

  trace.addEventListener('start', () => {
    elements.clear();
    lastShownAt = 0;
    list.replaceChildren();
    select(undefined);
    byId('sequence-hint').textContent = 'Select an arrow for details. Secrets are masked.';
  });

  trace.addEventListener('row', (event) => {
    const { row, nextRow } = /** @type {RowEvent} */ (event).detail;
    const element =
      row.type === 'note'
        ? make('li', { class: 'row note' }, make('span', {}, row.text))
        : makeExchangeRow(row.type, row.exchange, () =>
            select(row.exchange === selected ? undefined : row.exchange),
          );
    const now = performance.now();
    lastShownAt = Math.max(now, lastShownAt + ROW_INTERVAL_MS);
    style(element, { '--wait': `${Math.round(lastShownAt - now)}ms` });
    elements.set(row, element);
    list.insertBefore(element, (nextRow && elements.get(nextRow)) ?? null);
    if (selected && row.type !== 'note' && row.exchange === selected)
      renderDetails(details, selected);
  });

  list.replaceChildren(...outline.map(makeOutlineRow));
}

/** @param {typeof outline[number]} step */
function makeOutlineRow({ from, to, code, summary }) {
  const face = make(
    'div',
    { class: 'face' },
    make('span', { class: 'line' }, code),
    make('span', { class: 'summary' }, summary),
  );
  return placeArrow(make('li', { class: 'row outline' }, face), from, to);
}

/**
 * Turns a row into an arrow from one lane to another. The class `near` marks an arrow between page
 * and worker, `far` one between worker and service, and `across` one between page and service.
 *
 * @param {HTMLElement} element
 * @param {Actor} from
 * @param {Actor} to
 */
function placeArrow(element, from, to) {
  const [start, end] = [lane[from], lane[to]];
  const first = Math.min(start, end);
  const hops = Math.abs(end - start);
  element.classList.add(
    start < end ? 'rightward' : 'leftward',
    `by-${from}`,
    hops === 2 ? 'across' : first === 1 ? 'far' : 'near',
  );
  return style(element, { '--first': first, '--hops': hops });
}

/**
 * @param {'request' | 'response'} type
 * @param {Exchange} exchange
 * @param {() => void} onSelect
 */
function makeExchangeRow(type, exchange, onSelect) {
  const face = make('button', {
    type: 'button',
    class: 'face',
    'aria-expanded': 'false',
    'aria-controls': 'details',
  });
  face.addEventListener('click', onSelect);
  const element = make('li', { class: `row ${type}` }, face);
  if (type === 'request') fillRequest(element, face, exchange);
  else fillResponse(element, face, exchange);
  return element;
}

/**
 * @param {HTMLElement} element - the row
 * @param {HTMLElement} face - the button in the row, which shows the arrow and its words
 * @param {Exchange} exchange
 */
function fillRequest(element, face, exchange) {
  const { from, to, method, path } = exchange;
  const { summary } = describeExchange(exchange);
  face.append(
    make('span', { class: 'line' }, make('b', {}, method), ' ', ...splitPath(path)),
    make('span', { class: 'summary' }, summary),
  );
  const label = `${actors[from]} to ${actors[to]}: ${method} ${path}`;
  face.setAttribute('aria-label', summary ? `${label}, ${summary}` : label);
  placeArrow(element, from, to);
}

/**
 * @param {HTMLElement} element - the row
 * @param {HTMLElement} face - the button in the row, which shows the arrow and its words
 * @param {Exchange} exchange
 */
function fillResponse(element, face, { from, to, response }) {
  const outcome = response?.status === undefined ? 'no response' : String(response.status);
  const duration = formatDuration(response?.durationMs ?? 0);
  face.append(make('span', { class: 'line' }, make('b', {}, outcome), ` ${duration}`));
  face.setAttribute('aria-label', `${actors[to]} to ${actors[from]}: ${outcome} after ${duration}`);
  // A response has the colour of the actor that sent the request.
  placeArrow(element, to, from).classList.replace(`by-${to}`, `by-${from}`);
  const isFailure = response?.status === undefined || response.status >= 400;
  element.classList.toggle('failed', isFailure);
}

/**
 * Splits a path into two parts, because a narrow page can shorten the first part to `…`.
 *
 * @param {string} path
 */
function splitPath(path) {
  const [, stem, rest = path] = /^(\/api\/v\d+)?(.*)$/.exec(path) ?? [];
  return stem ? [make('span', { class: 'stem' }, stem), rest] : [rest];
}

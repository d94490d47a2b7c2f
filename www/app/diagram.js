// The live sequence diagram: three lanes, an arrow for each request and a dashed one for its
// answer. Each row is a button with a sentence for its name, so the list reads well without being
// seen.
import { byId, duration, make, style } from './dom.js';
import { renderDetails } from './details.js';
import { actors, meaning, outline } from './wording.js';

const lane = { page: 0, worker: 1, service: 2 };
// Local requests are faster than eyes: rows come in one after another. The durations written on
// them are the real ones.
const betweenRowsMs = 130;

export function showDiagram(trace) {
  const list = byId('lanes');
  const details = byId('details');
  const elements = new Map();
  let chosen;
  let lastShownAt = 0;

  const choose = (exchange) => {
    chosen = exchange;
    details.hidden = !exchange;
    if (exchange) renderDetails(details, exchange);
    for (const [row, element] of elements)
      element
        .querySelector('button')
        ?.setAttribute('aria-expanded', String(Boolean(exchange) && row.exchange === exchange));
  };

  trace.addEventListener('start', () => {
    elements.clear();
    lastShownAt = 0;
    list.replaceChildren();
    choose(undefined);
    byId('sequence-hint').textContent = 'Choose an arrow to look inside; secrets are masked';
  });

  trace.addEventListener('row', ({ detail: { row, before } }) => {
    const element =
      row.type === 'note'
        ? noteRow(row)
        : exchangeRow(row, () => choose(row.exchange === chosen ? undefined : row.exchange));
    const now = performance.now();
    lastShownAt = Math.max(now, lastShownAt + betweenRowsMs);
    style(element, { '--wait': `${Math.round(lastShownAt - now)}ms` });
    elements.set(row, element);
    list.insertBefore(element, elements.get(before) ?? null);
    if (row.exchange === chosen && chosen) renderDetails(details, chosen);
  });

  list.replaceChildren(...outline.map(outlineRow));
}

function outlineRow({ from, to, by, says }) {
  const face = make(
    'div',
    { class: 'face' },
    make('span', { class: 'line' }, by),
    make('span', { class: 'says' }, says),
  );
  return arrow(make('li', { class: 'row outline' }, face), from, to);
}

function arrow(element, from, to) {
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

function exchangeRow({ type, exchange }, onChoose) {
  const { from, to, method, path, answer } = exchange;
  const face = make('button', {
    type: 'button',
    class: 'face',
    'aria-expanded': 'false',
    'aria-controls': 'details',
  });
  face.addEventListener('click', onChoose);
  const element = make('li', { class: `row ${type}` }, face);
  if (type === 'request') {
    const { says } = meaning(exchange);
    face.append(
      make('span', { class: 'line' }, make('b', {}, method), ' ', ...pathParts(path)),
      make('span', { class: 'says' }, says),
    );
    face.setAttribute(
      'aria-label',
      `${actors[from]} to ${actors[to]}: ${method} ${path}${says && `, ${says}`}`,
    );
    return arrow(element, from, to);
  }
  const outcome = answer.status === undefined ? 'no answer' : String(answer.status);
  face.append(
    make('span', { class: 'line' }, make('b', {}, outcome), ` ${duration(answer.durationMs)}`),
  );
  face.setAttribute(
    'aria-label',
    `${actors[to]} to ${actors[from]}: ${outcome} after ${duration(answer.durationMs)}`,
  );
  arrow(element, to, from).classList.replace(`by-${to}`, `by-${from}`);
  element.classList.toggle('failed', answer.status === undefined || answer.status >= 400);
  return element;
}

/** The path, with what a narrow page leaves out of it apart. */
function pathParts(path) {
  const [, stem, rest] = /^(\/api\/v\d+)?(.*)$/.exec(path);
  return [stem && make('span', { class: 'stem' }, stem), rest].filter(Boolean);
}

const noteRow = ({ text }) => make('li', { class: 'row note' }, make('span', {}, text));

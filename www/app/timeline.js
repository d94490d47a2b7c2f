// The story in a picture: a lane for each tab and one for the service, from left to right as the
// turned clock goes. The list beside it says the same in words, so the picture itself is for eyes
// alone.
import { byId, make, style } from './dom.js';
import { layout } from './timeline-layout.js';
import { tell, teller } from './story-wording.js';

const sentencesShown = 40;

export function showTimeline(story, clock) {
  const picture = byId('timeline');
  const list = byId('story');
  let kept = new Map();

  // Elements stay the same from one drawing to the next, so that they move instead of blinking.
  const draw = () => {
    const drawn = new Map();
    const keep = (key, create, places = {}) => {
      const element = style(kept.get(key) ?? create(), places);
      drawn.set(key, element);
      return element;
    };
    const { lanes, turns, absences } = layout(story.entries, clock.now());
    const rows = lanes.flatMap(({ name, state, segments, marks }) => {
      const track = keep(`${name} track`, () => make('div', { class: 'track' }));
      setChildren(track, [
        ...segments.map(({ id, state, from, to }) =>
          keep(
            id,
            () => make('span', { class: 'segment', 'data-name': state }, make('span', {}, state)),
            percents({ from, to }),
          ),
        ),
        ...marks.map((entry) =>
          keep(
            `${entry.id} mark`,
            () => make('span', { class: `mark ${markClass(entry)}` }),
            percents({ at: entry.at }),
          ),
        ),
      ]);
      const label = keep(`${name} label`, () =>
        make('div', { class: 'lane' }, make('strong', {}, teller(name)), make('small', {})),
      );
      label.lastChild.textContent = name === 'service' ? 'sessions made' : (state ?? 'closed');
      return [label, track];
    });
    const behind = keep('behind', () => make('div', { class: 'behind' }));
    setChildren(behind, [
      ...turns.map(({ id, name, from, to }) =>
        keep(
          id,
          () => make('span', { class: 'turn' }, make('span', {}, name)),
          percents({ from, to }),
        ),
      ),
      ...absences.map(({ id, from, to }) =>
        keep(id, () => make('span', { class: 'absence' }), percents({ from, to })),
      ),
    ]);
    setChildren(picture, [behind, ...rows]);
    kept = drawn;
  };

  const write = () => {
    const sentences = story.entries.slice(-sentencesShown).reverse();
    list.replaceChildren(
      ...sentences.map((entry) =>
        make(
          'li',
          { 'data-id': entry.id },
          make('time', {}, moment(entry.at)),
          make('span', {}, tell(entry)),
        ),
      ),
    );
  };

  story.addEventListener('entry', () => {
    draw();
    write();
  });
  setInterval(draw, 1000);
  draw();
  write();
}

/** Only what differs is touched: an element that is put in again loses its animations. */
function setChildren(parent, children) {
  children.forEach((child, index) => {
    if (parent.children[index] !== child)
      parent.insertBefore(child, parent.children[index] ?? null);
  });
  while (parent.children.length > children.length) parent.lastChild.remove();
}

const percents = (places) =>
  Object.fromEntries(
    Object.entries(places).map(([name, value]) => [`--${name}`, value.toFixed(4)]),
  );

function markClass({ kind, byThisTab, status, isLost }) {
  if (kind === 'renewed') return byThisTab ? 'asked' : 'took-over';
  if (kind === 'failed') return 'failed';
  return isLost ? 'made lost' : status === 200 ? 'made' : 'failed';
}

const shortly = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};

/** Without the year: nobody turns the clock that far. */
export const moment = (ms) => new Date(ms).toLocaleString(undefined, shortly);

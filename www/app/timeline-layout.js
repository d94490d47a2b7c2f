// Where things stand on the timeline: from the story's entries to places between 0 and 1. Knows
// nothing of the page.

// As many moments as fit; older ones have left the picture.
const momentsShown = 36;
// Seconds and weeks in one picture: a gap grows with the logarithm of its length.
const gapOf = (ms) => 0.35 + Math.log10(1 + ms / 250);

const service = 'service';
const marked = new Set(['renewed', 'failed', 'session']);

/**
 * `{ lanes: [{ name, state, segments, marks }], turns, absences }`; every `from`, `to` and `at` is
 * a place.
 */
export function layout(entries, now) {
  const place = scale(entries, now);
  const tabs = [...new Set(entries.flatMap(({ tab }) => (tab === service ? [] : [tab])))].sort(
    (one, other) => one - other,
  );
  const lanes = [...tabs, service].map((name) => {
    const own = entries.filter(({ tab }) => tab === name);
    return {
      name,
      state: own.findLast(({ kind }) => kind === 'state' || kind === 'closed')?.state,
      segments: segments(own, place),
      marks: own
        .filter((entry) => marked.has(entry.kind) && place.shows(entry.at))
        .map((entry) => ({ ...entry, at: place(entry.at) })),
    };
  });
  return {
    // A tab that was closed leaves the picture with its last state.
    lanes: lanes.filter(({ name, segments }) => name === service || segments.length > 0),
    turns: entries
      .filter(({ kind, at }) => kind === 'turn' && place.shows(at))
      .map(({ id, at, ms, name }) => ({ id, name, from: place(at - ms), to: place(at) })),
    absences: absences(entries, place),
  };
}

function scale(entries, now) {
  const all = entries.flatMap(({ kind, at, ms }) => (kind === 'turn' ? [at - ms, at] : [at]));
  const moments = [...new Set([...all, now])]
    .sort((one, other) => one - other)
    .slice(-momentsShown);
  const sums = [0];
  for (let index = 1; index < moments.length; index += 1)
    sums.push(sums[index - 1] + gapOf(moments[index] - moments[index - 1]));
  const whole = sums.at(-1) || 1;
  const places = new Map(moments.map((moment, index) => [moment, sums[index] / whole]));
  // Whatever is not a moment that is shown was before them all.
  const place = (at) => places.get(at) ?? 0;
  place.shows = (at) => places.has(at);
  place.now = now;
  return place;
}

/** A state lasts until the tab's next one, or until the tab is closed. */
function segments(own, place) {
  const changes = own.filter(({ kind }) => kind === 'state' || kind === 'closed');
  return changes.flatMap(({ id, at, kind, state }, index) => {
    const end = changes[index + 1]?.at ?? place.now;
    return kind === 'state' && place.shows(end)
      ? [{ id, state, from: place(at), to: place(end) }]
      : [];
  });
}

function absences(entries, place) {
  const changes = entries.filter(({ kind }) => kind === 'away' || kind === 'back');
  return changes.flatMap(({ id, at, kind }, index) => {
    const end = changes[index + 1]?.at ?? place.now;
    return kind === 'away' && place.shows(end) ? [{ id, from: place(at), to: place(end) }] : [];
  });
}

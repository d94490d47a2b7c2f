// What the page knows once it is signed in: the user, the claims of the access token, and the time it has left. The token itself stays
// masked.
import { avatar, byId, make, style } from './dom.js';
import { mask } from './redact.js';

let ticking;

export function renderSession({ state, person, session, terminationReason }) {
  clearInterval(ticking);
  const container = byId('session');
  if (!session) {
    container.replaceChildren(
      make('p', { class: 'empty' }, 'None yet. Here you will see the user, what the access token claims, and the time it has left.'),
    );
    return;
  }
  const left = make('p', { class: 'countdown', role: 'timer', 'aria-live': 'off' });
  const bar = make('div', { class: 'bar', 'aria-hidden': 'true' });
  container.replaceChildren(
    make(
      'div',
      { class: 'who' },
      avatar(person),
      make(
        'span',
        {},
        make('strong', {}, session.user.displayName ?? person.name),
        make('small', {}, `userType ${session.userType ?? 'not said'}`),
      ),
    ),
    left,
    bar,
    make('p', { class: 'hint' }, state === 'terminated' ? `The service ended it: ${terminationReason}.` : 'until the access token expires'),
    make(
      'dl',
      { class: 'claims' },
      ...claimsOf(session.accessToken).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
    ),
  );
  const lifetime = session.expiresAt - session.issuedAt;
  const tick = () => {
    const ms = Math.max(0, session.expiresAt - Date.now());
    left.textContent = state === 'terminated' ? '—' : remaining(ms);
    style(bar, { '--left': state === 'terminated' ? 0 : Math.min(1, ms / lifetime) });
  };
  tick();
  ticking = setInterval(tick, 1000);
}

function remaining(ms) {
  const seconds = Math.floor(ms / 1000);
  const clock = [seconds / 3600, seconds / 60, seconds]
    .map((value, index) => String(Math.floor(value) % (index === 0 ? 24 : 60)).padStart(2, '0'))
    .join(':');
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** The payload of the token, which anyone may read and only the service can vouch for. A token that is no JWT has none. */
function claimsOf(token) {
  const rows = [['accessToken', `${token.slice(0, 6)}${mask}`]];
  let payload;
  try {
    const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    payload = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))));
  } catch {
    return rows;
  }
  for (const [name, value] of Object.entries(payload)) {
    if (value !== null && typeof value === 'object')
      rows.push(...Object.entries(value).map(([inner, innerValue]) => [`${name}.${inner}`, shown(inner, innerValue)]));
    else rows.push([name, shown(name, value)]);
  }
  return rows;
}

const times = new Set(['iat', 'exp', 'nbf']);

function shown(name, value) {
  if (times.has(name) && Number.isFinite(value))
    return new Date(value * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

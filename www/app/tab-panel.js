// One tab as it sees the session: its state, which session it holds, the time that has left, and a
// button to renew by hand.
import { claimsOf, markOf } from './claims.js';
import { make } from './dom.js';
import { remaining } from './remaining.js';

const withoutToken = {
  notLoggedIn: 'no session',
  tokenExpired: 'expired, and not signed out',
  terminated: 'ended by the service',
};

export function showPanel(container, { client, world, title }) {
  const chip = make('span', { class: 'chip' });
  const left = make('p', { class: 'left', role: 'timer', 'aria-live': 'off' });
  const which = make('p', { class: 'hint' });
  const status = make('p', { class: 'hint', role: 'status' });
  const renew = make('button', { type: 'button', 'data-action': 'renew' }, 'Renew');
  container.replaceChildren(
    make('div', { class: 'panel-head' }, make('h3', {}, title), chip),
    left,
    which,
    make('div', { class: 'panel-foot' }, renew, status),
  );

  let came = '';
  let renewing = false;
  const tick = () => {
    const { state, expiresAt } = client;
    left.textContent =
      state === 'established' && expiresAt
        ? `${remaining(expiresAt - world.clock.now())} left`
        : '—';
  };
  const show = async () => {
    const { state } = client;
    container.dataset.state = state;
    chip.textContent = state;
    renew.setAttribute(
      'aria-disabled',
      String(state !== 'established' && state !== 'tokenExpired'),
    );
    tick();
    const token =
      state === 'established' ? await client.accessToken().catch(() => undefined) : undefined;
    const mark = token && markOf(claimsOf(token));
    if (client.state === state)
      which.textContent = mark ? `session ${mark}${came}` : (withoutToken[state] ?? '');
  };

  client.addEventListener('statechange', ({ detail: { state } }) => {
    if (state === 'notLoggedIn') came = '';
    if (state !== 'establishing') status.textContent = '';
    show();
  });
  client.addEventListener('renewed', ({ detail: { byThisTab } }) => {
    came = byThisTab ? ', renewed here' : ', taken over';
    status.textContent = '';
    show();
  });
  client.addEventListener('renewalfailed', ({ detail: { error } }) => {
    status.textContent = `Could not renew: ${error.kind}.`;
  });
  renew.addEventListener('click', async () => {
    if (renewing || renew.getAttribute('aria-disabled') === 'true') return;
    renewing = true;
    renew.setAttribute('aria-busy', 'true');
    status.textContent = '';
    try {
      await client.renew();
    } catch (error) {
      const { kind } = error;
      // That the session is over stands above already.
      if (kind !== 'terminated') status.textContent = `Could not renew: ${kind ?? error.message}.`;
    }
    renew.removeAttribute('aria-busy');
    renewing = false;
  });
  world.addEventListener('turn', tick);
  // Often enough for two tabs side by side to count as one.
  setInterval(tick, 200);
  show();
}

// Shows the session as one tab sees it: its state, the start of its id, the time until it expires,
// and a button to renew it.
import { claimsOf, shortIdOf } from './claims.js';
import { formatCountdown } from './countdown.js';
import { make } from './dom.js';
import { toMessage } from './wording.js';

/** @import { SessionClient } from 'social-plus-auth' */
/** @import { Environment } from './environment.js' */

// Short enough for two tabs side by side to look simultaneous.
const TICK_MS = 200;

/** @type {Record<string, string>} */
const withoutToken = {
  notLoggedIn: 'no session',
  tokenExpired: 'expired, but still signed in',
  terminated: 'ended by the service',
};

/**
 * @param {HTMLElement} container
 * @param {{ client: SessionClient, environment: Environment, title: string }} options
 */
export function showPanel(container, { client, environment, title }) {
  const chip = make('span', { class: 'chip' });
  const left = make('p', { class: 'left', role: 'timer', 'aria-live': 'off' });
  const session = make('p', { class: 'hint' });
  const status = make('p', { class: 'hint', role: 'status' });
  const renew = make('button', { type: 'button', 'data-action': 'renew' }, 'Renew');
  container.replaceChildren(
    make('div', { class: 'panel-head' }, make('h3', {}, title), chip),
    left,
    session,
    make('div', { class: 'panel-foot' }, renew, status),
  );

  let origin = '';
  let isRenewing = false;
  const tick = () => {
    const { state, expiresAt } = client;
    left.textContent =
      state === 'established' && expiresAt
        ? `${formatCountdown(expiresAt.getTime() - environment.clock.now())} left`
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
    const shortId = token && shortIdOf(claimsOf(token));
    if (client.state === state)
      session.textContent = shortId ? `session ${shortId}${origin}` : (withoutToken[state] ?? '');
  };

  client.addEventListener('statechange', ({ detail: { state } }) => {
    if (state === 'notLoggedIn') origin = '';
    if (state !== 'establishing') status.textContent = '';
    show();
  });
  client.addEventListener('renewed', ({ detail: { byThisTab } }) => {
    origin = byThisTab ? ', renewed here' : ', renewed elsewhere';
    status.textContent = '';
    show();
  });
  client.addEventListener('renewalfailed', ({ detail: { error } }) => {
    status.textContent = `Renewal failed: ${error.kind}.`;
  });
  renew.addEventListener('click', async () => {
    if (isRenewing || renew.getAttribute('aria-disabled') === 'true') return;
    isRenewing = true;
    renew.setAttribute('aria-busy', 'true');
    status.textContent = '';
    try {
      await client.renew();
    } catch (error) {
      const { kind } = /** @type {{ kind?: string }} */ (error);
      // The panel already shows that the session has ended.
      if (kind !== 'terminated')
        status.textContent = `Renewal failed: ${kind ?? toMessage(error)}.`;
    }
    renew.removeAttribute('aria-busy');
    isRenewing = false;
  });
  environment.addEventListener('advance', tick);
  setInterval(tick, TICK_MS);
  show();
}

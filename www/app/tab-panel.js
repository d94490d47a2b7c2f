// Shows the session as one tab sees it: the state, the start of the session's id, the time until
// the session expires, and a button to renew the session.
import { readClaims, readShortId } from './claims.js';
import { formatCountdown } from './countdown.js';
import { make } from './dom.js';
import { toMessage } from './wording.js';

/** @import { SessionClient } from 'social-plus-auth' */
/** @import { Environment } from './environment.js' */

// Short enough that the countdowns of two tabs side by side seem to change simultaneously.
const TICK_MS = 200;

/**
 * The text that the panel shows instead of a session, by state.
 *
 * @type {Record<string, string>}
 */
const textsWithoutToken = {
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
  const countdown = make('p', { class: 'left', role: 'timer', 'aria-live': 'off' });
  const session = make('p', { class: 'hint' });
  const status = make('p', { class: 'hint', role: 'status' });
  const renewButton = make('button', { type: 'button', 'data-action': 'renew' }, 'Renew');
  container.replaceChildren(
    make('div', { class: 'panel-head' }, make('h3', {}, title), chip),
    countdown,
    session,
    make('div', { class: 'panel-foot' }, renewButton, status),
  );

  let renewalNote = '';
  let isRenewing = false;
  const tick = () => {
    const { state, expiresAt } = client;
    countdown.textContent =
      state === 'established' && expiresAt
        ? `${formatCountdown(expiresAt.getTime() - environment.clock.now())} left`
        : '—';
  };
  const show = async () => {
    const { state } = client;
    container.dataset.state = state;
    chip.textContent = state;
    renewButton.setAttribute(
      'aria-disabled',
      String(state !== 'established' && state !== 'tokenExpired'),
    );
    tick();
    const token =
      state === 'established' ? await client.accessToken().catch(() => undefined) : undefined;
    const shortId = token && readShortId(readClaims(token));
    if (client.state === state)
      session.textContent = shortId
        ? `session ${shortId}${renewalNote}`
        : (textsWithoutToken[state] ?? '');
  };

  client.addEventListener('statechange', ({ detail: { state } }) => {
    if (state === 'notLoggedIn') renewalNote = '';
    if (state !== 'establishing') status.textContent = '';
    show();
  });
  client.addEventListener('renewed', ({ detail: { byThisTab } }) => {
    renewalNote = byThisTab ? ', renewed here' : ', renewed elsewhere';
    status.textContent = '';
    show();
  });
  client.addEventListener('renewalfailed', ({ detail: { error } }) => {
    status.textContent = `Renewal failed: ${error.kind}.`;
  });
  renewButton.addEventListener('click', async () => {
    if (isRenewing || renewButton.getAttribute('aria-disabled') === 'true') return;
    isRenewing = true;
    renewButton.setAttribute('aria-busy', 'true');
    status.textContent = '';
    try {
      await client.renew();
    } catch (error) {
      const { kind } = /** @type {{ kind?: string }} */ (error);
      // The panel already shows that the session has ended.
      if (kind !== 'terminated')
        status.textContent = `Renewal failed: ${kind ?? toMessage(error)}.`;
    }
    renewButton.removeAttribute('aria-busy');
    isRenewing = false;
  });
  environment.addEventListener('advance', tick);
  setInterval(tick, TICK_MS);
  show();
}

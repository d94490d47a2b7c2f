// Shows the session: the user, the claims of the access token, and the time until it expires. The
// token itself stays masked.
import { findPerson } from '../people.js';
import { claimRows, claimsOf } from './claims.js';
import { formatCountdown } from './countdown.js';
import { avatar, byId, make, style } from './dom.js';
import { mask } from './redact.js';

/** @import { SessionClient } from 'social-plus-auth' */
/** @import { Person } from '../types.js' */
/** @import { AdjustableClock } from './clock.js' */

const DAY_MS = 86_400_000;
const TICK_MS = 200;

/** @type {ReturnType<typeof setInterval> | undefined} */
let ticking;
let lastCall = 0;

/**
 * Shows the session as it is now. A later call wins, even if an earlier one takes longer.
 *
 * @param {SessionClient} client
 * @param {AdjustableClock} clock
 */
export async function showSession(client, clock) {
  const call = (lastCall += 1);
  const { state } = client;
  const token =
    state === 'established' ? await client.accessToken().catch(() => undefined) : undefined;
  if (call !== lastCall) return;
  clearInterval(ticking);
  const person = findPerson(client.userId);
  if (state === 'notLoggedIn' || state === 'establishing' || !person) return showEmpty();

  const left = make('p', { class: 'countdown', role: 'timer', 'aria-live': 'off' });
  const bar = make('div', { class: 'bar', 'aria-hidden': 'true' });
  byId('session').replaceChildren(
    makeIdentity(client, person),
    left,
    bar,
    make('p', { class: 'hint' }, hint(client)),
    ...(token === undefined ? [] : [claimList(token)]),
  );
  const expiresAt = client.expiresAt?.getTime() ?? 0;
  const lifetime = expiresAt - issuedAt(token, expiresAt);
  const tick = () => {
    const ms = state === 'terminated' ? 0 : Math.max(0, expiresAt - clock.now());
    left.textContent = state === 'terminated' ? '—' : formatCountdown(ms);
    style(bar, { '--left': Math.min(1, ms / lifetime) || 0 });
  };
  tick();
  ticking = setInterval(tick, TICK_MS);
}

function showEmpty() {
  const text =
    'Not signed in. After you sign in, this card shows the user, the claims of the access token, ' +
    'and the time until it expires.';
  byId('session').replaceChildren(make('p', { class: 'empty' }, text));
}

/**
 * @param {SessionClient} client
 * @param {Person} person
 */
const makeIdentity = (client, person) =>
  make(
    'div',
    { class: 'identity' },
    avatar(person),
    make(
      'span',
      {},
      make('strong', {}, client.user?.displayName ?? person.name),
      make('small', {}, `userType ${client.userType ?? 'unknown'}`),
    ),
  );

/** @param {string} token */
function claimList(token) {
  const rows = [['accessToken', `${token.slice(0, 6)}${mask}`], ...claimRows(claimsOf(token))];
  return make(
    'dl',
    { class: 'claims' },
    ...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** @param {SessionClient} client */
function hint({ state, terminationReason }) {
  if (state === 'terminated') return `The service has ended the session: ${terminationReason}.`;
  return state === 'tokenExpired'
    ? 'The access token has expired. The client renews it as soon as it can.'
    : 'until the access token expires. The client renews it before that.';
}

/**
 * Returns when the token was issued, which the client does not report but the token does. A token
 * without that claim counts as one day old at its expiry.
 *
 * @param {string | undefined} token
 * @param {number} expiresAt
 */
function issuedAt(token, expiresAt) {
  const { iat } = claimsOf(token ?? '');
  return typeof iat === 'number' ? iat * 1000 : expiresAt - DAY_MS;
}

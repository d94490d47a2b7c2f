// Shows the session: the user, the claims of the access token, and the time until the token
// expires. Masks all but the start of the token.
import { findPerson } from '../people.js';
import { toClaimRows, readClaims } from './claims.js';
import { formatCountdown } from './countdown.js';
import { makeAvatar, byId, make, style } from './dom.js';
import { mask } from './redact.js';

/** @import { SessionClient } from 'social-plus-auth' */
/** @import { Person } from '../types.js' */
/** @import { AdjustableClock } from './clock.js' */

const DAY_MS = 86_400_000;
const TICK_MS = 200;

/** @type {ReturnType<typeof setInterval> | undefined} */
let tickTimer;
let lastCall = 0;

/**
 * Shows the current session. An earlier call that is still waiting for the token then shows
 * nothing, so that it cannot replace the newer state.
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
  clearInterval(tickTimer);
  const person = findPerson(client.userId);
  if (state === 'notLoggedIn' || state === 'establishing' || !person) return showEmpty();

  const countdown = make('p', { class: 'countdown', role: 'timer', 'aria-live': 'off' });
  const bar = make('div', { class: 'bar', 'aria-hidden': 'true' });
  byId('session').replaceChildren(
    makeIdentity(client, person),
    countdown,
    bar,
    make('p', { class: 'hint' }, describeExpiry(client)),
    ...(token === undefined ? [] : [makeClaimList(token)]),
  );
  const expiresAt = client.expiresAt?.getTime() ?? 0;
  const lifetime = expiresAt - readIssuedAt(token, expiresAt);
  const tick = () => {
    const ms = state === 'terminated' ? 0 : Math.max(0, expiresAt - clock.now());
    countdown.textContent = state === 'terminated' ? '—' : formatCountdown(ms);
    style(bar, { '--left': Math.min(1, ms / lifetime) || 0 });
  };
  tick();
  tickTimer = setInterval(tick, TICK_MS);
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
    makeAvatar(person),
    make(
      'span',
      {},
      make('strong', {}, client.user?.displayName ?? person.name),
      make('small', {}, `userType ${client.userType ?? 'unknown'}`),
    ),
  );

/** @param {string} token */
function makeClaimList(token) {
  const rows = [['accessToken', `${token.slice(0, 6)}${mask}`], ...toClaimRows(readClaims(token))];
  return make(
    'dl',
    { class: 'claims' },
    ...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/**
 * Returns the text below the countdown. While the token is valid, the text continues the
 * countdown: "23:59:59 until the access token expires".
 *
 * @param {SessionClient} client
 */
function describeExpiry({ state, terminationReason }) {
  if (state === 'terminated') return `The service has ended the session: ${terminationReason}.`;
  return state === 'tokenExpired'
    ? 'The access token has expired. The client renews it as soon as it can.'
    : 'until the access token expires. The client renews it before that.';
}

/**
 * Returns when the token was issued. The client does not report this time, so the function reads
 * the claim `iat` of the token. Without a token or that claim, it assumes a lifetime of one day.
 *
 * @param {string | undefined} token
 * @param {number} expiresAt
 */
function readIssuedAt(token, expiresAt) {
  const { iat } = readClaims(token ?? '');
  return typeof iat === 'number' ? iat * 1000 : expiresAt - DAY_MS;
}

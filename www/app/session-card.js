// What the page knows once it is signed in: the user, the claims of the access token, and the time
// it has left. The token itself stays masked.
import { findPerson } from '../people.js';
import { claimRows, claimsOf } from './claims.js';
import { avatar, byId, make, style } from './dom.js';
import { mask } from './redact.js';
import { remaining } from './remaining.js';

let ticking;
let shown = 0;

/**
 * Shows the session as it is now; what comes of an earlier call that took longer is not shown any
 * more.
 */
export async function showSession(client, clock) {
  const turn = (shown += 1);
  const { state } = client;
  const token =
    state === 'established' ? await client.accessToken().catch(() => undefined) : undefined;
  if (turn !== shown) return;
  clearInterval(ticking);
  const person = findPerson(client.userId);
  if (state === 'notLoggedIn' || state === 'establishing' || !person) {
    byId('session').replaceChildren(
      make(
        'p',
        { class: 'empty' },
        'None yet. Here you will see the user, what the access token claims, and the time it has left.',
      ),
    );
    return;
  }
  const left = make('p', { class: 'countdown', role: 'timer', 'aria-live': 'off' });
  const bar = make('div', { class: 'bar', 'aria-hidden': 'true' });
  const claims =
    token === undefined
      ? []
      : [['accessToken', `${token.slice(0, 6)}${mask}`], ...claimRows(claimsOf(token))];
  byId('session').replaceChildren(
    make(
      'div',
      { class: 'who' },
      avatar(person),
      make(
        'span',
        {},
        make('strong', {}, client.user?.displayName ?? person.name),
        make('small', {}, `userType ${client.userType ?? 'not said'}`),
      ),
    ),
    left,
    bar,
    make('p', { class: 'hint' }, says[state](client)),
    ...(claims.length > 0
      ? [
          make(
            'dl',
            { class: 'claims' },
            ...claims.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
          ),
        ]
      : []),
  );
  const lifetime = client.expiresAt - issuedAt(token, client);
  const tick = () => {
    const ms = state === 'terminated' ? 0 : Math.max(0, client.expiresAt - clock.now());
    left.textContent = state === 'terminated' ? '—' : remaining(ms);
    style(bar, { '--left': Math.min(1, ms / lifetime) || 0 });
  };
  tick();
  ticking = setInterval(tick, 200);
}

const says = {
  established: () => 'until the access token expires; the client renews it before',
  tokenExpired: () => 'The access token has expired. The client renews it as soon as it can.',
  terminated: ({ terminationReason }) => `The service ended it: ${terminationReason}.`,
};

/** The client says only when the token ends; when it began, the token says itself. */
const issuedAt = (token, { expiresAt }) =>
  (claimsOf(token ?? '').iat ?? expiresAt / 1000 - 86_400) * 1000;

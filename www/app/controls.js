// Shows the buttons that advance the clock, take the browser offline, lose a response and ban the
// user. Each successful press is added to the event log, which all tabs share.
import { findPerson, people } from '../people.js';
import { byId, make } from './dom.js';
import { formatMoment } from './timeline.js';

/** @import { SessionClient } from 'social-plus-auth' */
/** @import { Person } from '../types.js' */
/** @import { Environment } from './environment.js' */
/** @import { EventLog } from './event-log.js' */

/**
 * @typedef {object} ControlOptions
 * @property {SessionClient} client
 * @property {EventLog} log
 * @property {Environment} environment
 * @property {boolean} isEmulated - whether the page controls the service's clock, faults and bans
 * @property {string[]} banned - the ids of the banned users
 * @property {(title: string) => void} onAdvance - called after the service's clock has been
 *   advanced, and before the page's clock is
 */

const SECOND_MS = 1000;
const steps = [
  { name: 'hour', title: '1 hour' },
  { name: 'day', title: '1 day' },
  { name: '29-days', title: '29 days' },
];

/**
 * @param {string} path
 * @param {object} [body]
 */
const post = (path, body) =>
  fetch(`/demo/${path}`, { method: 'POST', body: body && JSON.stringify(body) });

/** @param {Person} person */
const getFirstName = ({ name }) => name.split(' ')[0];

/** @param {ControlOptions} options */
export function showControls({ client, log, environment, isEmulated, banned, onAdvance }) {
  byId('faults').append(makeNetworkButton(log, environment));
  byId('clock').hidden = !isEmulated;
  if (!isEmulated) return;
  showClock(log, environment, onAdvance);
  byId('faults').append(makeLossButton(log), makeBanButton(client, log, banned));
}

/**
 * @param {EventLog} log
 * @param {Environment} environment
 * @param {(title: string) => void} onAdvance
 */
function showClock(log, environment, onAdvance) {
  const buttons = steps.map(({ name, title }) => {
    const button = make('button', { type: 'button', 'data-action': `advance-${name}` }, title);
    button.addEventListener('click', async () => {
      // Advances the service's clock first: the new time may cause a tab to renew immediately, and
      // the service must then use the new time, too.
      const { ms, aheadMs } = await (await post(`advance/${name}`)).json();
      onAdvance(title);
      environment.advanceTo(aheadMs);
      log.add('advance', { ms, name: title });
    });
    return button;
  });
  byId('steps').append(...buttons);
  const show = () => {
    byId('now').textContent = formatMoment(environment.clock.now());
  };
  environment.addEventListener('advance', show);
  setInterval(show, SECOND_MS);
  show();
}

/**
 * @param {EventLog} log
 * @param {Environment} environment
 */
function makeNetworkButton(log, environment) {
  const button = makeToggle('network', 'Go offline', (isOffline) => {
    log.add(isOffline ? 'offline' : 'online');
    environment.setOffline(isOffline);
  });
  environment.addEventListener('network', () => setPressed(button, environment.isOffline));
  return button;
}

/** @param {EventLog} log */
function makeLossButton(log) {
  const button = makeToggle('response', 'Lose the next response', async (shouldLose) => {
    await post(`responses/${shouldLose ? 'lose' : 'keep'}`);
    log.add(shouldLose ? 'lossScheduled' : 'lossCancelled');
  });
  log.onEntry(({ kind, isLost }) => {
    if (kind === 'lossScheduled') setPressed(button, true);
    if (kind === 'lossCancelled' || isLost) setPressed(button, false);
  });
  return button;
}

/**
 * @param {SessionClient} client
 * @param {EventLog} log
 * @param {string[]} banned
 */
function makeBanButton(client, log, banned) {
  // The user whom the button bans: the user who is signed in, or was signed in last. The button
  // must remember that user, so that it can lift the ban after the ban has ended the session. After
  // a reload, it starts with the user whom it has banned, if any (`isBanned` marks a person who is
  // banned from the start).
  let subject = people.find((person) => !person.isBanned && banned.includes(person.userId));
  const bannedIds = new Set(banned);
  const button = makeToggle('ban', '', async (isBanned) => {
    if (!subject) return;
    const { userId } = subject;
    const { ok } = await post(isBanned ? 'ban' : 'unban', { userId });
    if (ok) log.add(isBanned ? 'ban' : 'unban', { userId, firstName: getFirstName(subject) });
    else setPressed(button, !isBanned);
  });
  const show = () => {
    subject = findPerson(client.userId) ?? subject;
    button.textContent = `Ban ${subject ? getFirstName(subject) : 'the user'}`;
    button.setAttribute('aria-disabled', String(!subject));
    setPressed(button, subject !== undefined && bannedIds.has(subject.userId));
  };
  client.addEventListener('statechange', show);
  log.onEntry(({ kind, userId }) => {
    if (kind === 'ban' && userId) bannedIds.add(userId);
    if (kind === 'unban' && userId) bannedIds.delete(userId);
    show();
  });
  show();
  return button;
}

/**
 * Creates a button that stays pressed until it is pressed again.
 *
 * @param {string} action
 * @param {string} text
 * @param {(isPressed: boolean) => void} onPress
 */
function makeToggle(action, text, onPress) {
  const attributes = { type: 'button', 'data-action': action, 'aria-pressed': 'false' };
  const button = make('button', attributes, text);
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    const isPressed = button.getAttribute('aria-pressed') !== 'true';
    setPressed(button, isPressed);
    onPress(isPressed);
  });
  return button;
}

/**
 * @param {HTMLElement} button
 * @param {boolean} isPressed
 */
const setPressed = (button, isPressed) => button.setAttribute('aria-pressed', String(isPressed));

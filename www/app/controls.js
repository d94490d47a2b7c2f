// The controls of what can happen to a device: time passes, the browser goes offline, a response is
// lost, the user is banned. Each use is added to the event log, so that every tab shows the same.
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
 * @property {(title: string) => void} onAdvance - called before the clock is advanced
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
const firstNameOf = ({ name }) => name.split(' ')[0];

/** @param {ControlOptions} options */
export function showControls({ client, log, environment, isEmulated, banned, onAdvance }) {
  byId('faults').append(networkButton(log, environment));
  byId('clock').hidden = !isEmulated;
  if (!isEmulated) return;
  showClock(log, environment, onAdvance);
  byId('faults').append(responseButton(log), banButton(client, log, banned));
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
      // The service goes first, so that a tab that renews at once finds the new time there.
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
function networkButton(log, environment) {
  const button = toggle('network', 'Go offline', (isOffline) => {
    log.add(isOffline ? 'offline' : 'online');
    environment.setOffline(isOffline);
  });
  environment.addEventListener('network', () => setPressed(button, environment.isOffline));
  return button;
}

/** @param {EventLog} log */
function responseButton(log) {
  const button = toggle('response', 'Lose the next response', async (shouldLose) => {
    await post(`responses/${shouldLose ? 'lose' : 'keep'}`);
    log.add(shouldLose ? 'losing' : 'keeping');
  });
  log.onEntry(({ kind, isLost }) => {
    if (kind === 'losing') setPressed(button, true);
    if (kind === 'keeping' || isLost) setPressed(button, false);
  });
  return button;
}

/**
 * @param {SessionClient} client
 * @param {EventLog} log
 * @param {string[]} banned
 */
function banButton(client, log, banned) {
  // The user who was signed in last, so that the ban can be lifted after it has ended the session.
  let subject = people.find((person) => !person.isBanned && banned.includes(person.userId));
  const bannedNow = new Set(banned);
  const button = toggle('ban', '', async (isBanned) => {
    if (!subject) return;
    const { userId } = subject;
    const { ok } = await post(isBanned ? 'ban' : 'unban', { userId });
    if (ok) log.add(isBanned ? 'ban' : 'unban', { userId, firstName: firstNameOf(subject) });
    else setPressed(button, !isBanned);
  });
  const show = () => {
    subject = findPerson(client.userId) ?? subject;
    button.textContent = `Ban ${subject ? firstNameOf(subject) : 'the user'}`;
    button.setAttribute('aria-disabled', String(!subject));
    setPressed(button, subject !== undefined && bannedNow.has(subject.userId));
  };
  client.addEventListener('statechange', show);
  log.onEntry(({ kind, userId }) => {
    if (kind === 'ban' && userId) bannedNow.add(userId);
    if (kind === 'unban' && userId) bannedNow.delete(userId);
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
function toggle(action, text, onPress) {
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

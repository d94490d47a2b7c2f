// What can happen to a device: time goes by, the network goes away, an answer gets lost, the user
// is banned. The story tells of each, so that every page of the demo shows it as it stands.
import { findPerson, people } from '../people.js';
import { byId, make } from './dom.js';
import { moment } from './timeline.js';

const turns = [
  { name: 'hour', title: '1 hour' },
  { name: 'day', title: '1 day' },
  { name: '29-days', title: '29 days' },
];
const post = (path, body) =>
  fetch(`/demo/${path}`, { method: 'POST', body: body && JSON.stringify(body) });
const firstName = ({ name }) => name.split(' ')[0];

/**
 * `isEmulated`: whether the service's clock, answers and bans are in our hands; `onTurn` is told
 * what goes by.
 */
export function showLevers({ client, story, world, isEmulated, banned, onTurn }) {
  byId('levers').append(networkLever(story, world));
  byId('clock').hidden = !isEmulated;
  if (!isEmulated) return;
  showClock(story, world, onTurn);
  byId('levers').append(answerLever(story), banLever(client, story, banned));
}

function showClock(story, world, onTurn) {
  const buttons = turns.map(({ name, title }) => {
    const button = make('button', { type: 'button', 'data-action': `turn-${name}` }, title);
    button.addEventListener('click', async () => {
      // The service first: whoever renews at once must find it there already.
      const { ms, aheadMs } = await (await post(`turn/${name}`)).json();
      onTurn(title);
      world.turnTo(aheadMs);
      story.tell('turn', { ms, name: title });
    });
    return button;
  });
  byId('turns').append(...buttons);
  const show = () => {
    byId('now').textContent = moment(world.clock.now());
  };
  world.addEventListener('turn', show);
  setInterval(show, 1000);
  show();
}

function networkLever(story, world) {
  const lever = toggle('network', 'Take the network away', (isAway) => {
    story.tell(isAway ? 'away' : 'back');
    world.takeNetwork(isAway);
  });
  world.addEventListener('network', () => press(lever, world.isNetworkAway));
  return lever;
}

function answerLever(story) {
  const lever = toggle('answer', 'Lose the next answer', async (isLosing) => {
    await post(`answers/${isLosing ? 'lose' : 'keep'}`);
    story.tell(isLosing ? 'losing' : 'keeping');
  });
  story.addEventListener('entry', ({ detail: { kind, isLost } }) => {
    if (kind === 'losing') press(lever, true);
    if (kind === 'keeping' || isLost) press(lever, false);
  });
  return lever;
}

function banLever(client, story, banned) {
  // Whoever was signed in last, so that a ban can be lifted when it has ended the session.
  let subject = people.find((person) => !person.banned && banned.includes(person.userId));
  const bannedNow = new Set(banned);
  const lever = toggle('ban', '', async (isBanned) => {
    const { userId } = subject;
    const { ok } = await post(isBanned ? 'ban' : 'unban', { userId });
    if (ok) story.tell(isBanned ? 'ban' : 'unban', { userId, who: firstName(subject) });
    else press(lever, !isBanned);
  });
  const show = () => {
    subject = findPerson(client.userId) ?? subject;
    lever.textContent = `Ban ${subject ? firstName(subject) : 'the user'}`;
    lever.setAttribute('aria-disabled', String(!subject));
    press(lever, bannedNow.has(subject?.userId));
  };
  client.addEventListener('statechange', show);
  story.addEventListener('entry', ({ detail: { kind, userId } }) => {
    if (kind === 'ban') bannedNow.add(userId);
    if (kind === 'unban') bannedNow.delete(userId);
    show();
  });
  show();
  return lever;
}

function toggle(action, text, onPress) {
  const lever = make(
    'button',
    { type: 'button', 'data-action': action, 'aria-pressed': 'false' },
    text,
  );
  lever.addEventListener('click', () => {
    if (lever.getAttribute('aria-disabled') === 'true') return;
    const wanted = lever.getAttribute('aria-pressed') !== 'true';
    press(lever, wanted);
    onPress(wanted);
  });
  return lever;
}

const press = (lever, isPressed) => lever.setAttribute('aria-pressed', String(isPressed));

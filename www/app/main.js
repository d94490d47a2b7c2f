// The page: puts the pieces together and answers the buttons.
import { act, button, say } from './act.js';
import { Backend } from './backend.js';
import { showDiagram } from './diagram.js';
import { byId, duration, make } from './dom.js';
import { failures, provoke } from './failures.js';
import { choosePerson, showPeople } from './people-form.js';
import { hideError, showError } from './receipt.js';
import { showSession } from './session-card.js';
import { makeClient, signIn, signOut } from './session.js';
import { Story, tabNumber, tellOf } from './story.js';
import { showTabs } from './tabs-card.js';
import { Trace } from './trace.js';
import { typed } from './wording.js';
import { World } from './world.js';

const config = await (await fetch('/demo/config')).json();
const feed = config.emulator ? new EventSource('/demo/events') : undefined;
const world = new World(config.aheadMs);
const tab = await tabNumber();
const story = new Story({ tab, clock: world.clock });
const trace = new Trace({ fetch: world.fetch, feed });
const backend = new Backend(trace.fetch);
const quietly = new Backend((path, init) => fetch(path, init));
const service = {
  apiKey: config.apiKey,
  region: config.region,
  endpoint: config.endpoint,
  fetch: trace.fetch,
  onEvent({ type, attempt, durationMs }) {
    if (type === 'retry')
      trace.note(
        `waits ${durationMs === undefined ? 'a little' : duration(durationMs)}, then attempt ${attempt + 1}`,
      );
  },
};
const client = makeClient(service, world.clock);

function showState() {
  const { state } = client;
  document.body.dataset.state = state;
  for (const item of byId('states').children) {
    if (item.dataset.name === state) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  const isOver = state === 'notLoggedIn' || state === 'establishing';
  button('call').setAttribute('aria-disabled', String(isOver || state === 'terminated'));
  button('sign-out').setAttribute('aria-disabled', String(isOver));
  if (state === 'terminated') say(`The service ended the session: ${client.terminationReason}.`);
  showSession(client, world.clock);
}

/** A new story on the board. */
function begin(text) {
  trace.start();
  hideError();
  say(text);
}

const onSignIn = (person) =>
  act('sign-in', async () => {
    begin(`Signing in as ${person.name} …`);
    // On a small screen the diagram is further down.
    byId('lanes').scrollIntoView({ block: 'nearest' });
    const isThere = client.state === 'established' && client.userId === person.userId;
    await signIn(client, backend, person);
    if (isThere) trace.note('this device has that user already: nothing to ask');
    say(`Signed in as ${person.name}.`);
  });

const call = () =>
  act('call', async () => {
    const { ok, status } = await client.fetch('/api/v3/sessions');
    say(ok ? 'The service honours the token.' : `The service answers ${status}.`);
  });

const onSignOut = () =>
  act('sign-out', async () => {
    const wasOver = client.state === 'terminated';
    const revoked = await signOut(client, backend);
    const here = wasOver
      ? 'Signed out.'
      : 'Signed out here. The service hears of it as soon as it can be asked.';
    say(revoked ? 'Signed out: the service no longer honours the token.' : here);
  });

const fail = ({ action, title }) =>
  act(action, async () => {
    begin(`${title} …`);
    const error = await provoke(action, { service, backend, quietly, client });
    showError(title, error);
    say(`${title}: ${typed(error)?.kind ?? error.message}.`);
  });

function showFailures() {
  byId('wrong').hidden = false;
  byId('failures').append(
    ...failures.map((failure) => {
      const attributes = { type: 'button', 'data-action': failure.action };
      const element = make(
        'button',
        attributes,
        make('strong', {}, failure.title),
        make('small', {}, failure.says),
      );
      element.addEventListener('click', () => fail(failure));
      return element;
    }),
  );
}

/** What the service heard of this device, whichever tab asked. */
async function hear({ data }) {
  const { phase, id, at, status, isLost, deviceId } = JSON.parse(data);
  if (phase === 'session' && deviceId === (await client.getDeviceId()))
    story.tell('session', { id, at, tab: 'service', status, isLost });
}

async function start() {
  byId('against').textContent = config.emulator ? 'emulator' : `real service · ${config.region}`;
  byId('service-is').textContent = config.emulator
    ? 'here: the emulator'
    : `region ${config.region}`;
  showPeople(onSignIn);
  button('call').addEventListener('click', call);
  button('sign-out').addEventListener('click', onSignOut);
  if (config.emulator) showFailures();
  showDiagram(trace);
  client.addEventListener('statechange', showState);
  client.addEventListener('renewed', ({ detail: { byThisTab } }) => {
    if (!byThisTab) trace.note('another tab has renewed: nothing to ask');
    // What went wrong before is over.
    hideError();
    say(byThisTab ? 'Renewed.' : 'Renewed by another tab.');
    showState();
  });
  world.addEventListener('turn', showState);
  feed?.addEventListener('message', hear);
  showTabs({
    client,
    story,
    world,
    tab,
    isEmulated: config.emulator,
    banned: config.banned ?? [],
    onTurn: (title) => {
      trace.start();
      trace.note(`${title} later`);
    },
  });
  tellOf(client, story);
  showState();
  // A reload goes on where it was.
  await client.resume().catch(() => {});
  choosePerson(client.userId);
}

start();

// The page: puts the pieces together and answers the buttons.
import { findPerson, people } from '../people.js';
import { Backend } from './backend.js';
import { showDiagram } from './diagram.js';
import { avatar, byId, duration, make } from './dom.js';
import { failures, provoke } from './failures.js';
import { hideError, showError } from './receipt.js';
import { renderSession } from './session-card.js';
import { PageSession } from './session.js';
import { Trace } from './trace.js';
import { typed } from './wording.js';

const config = await (await fetch('/demo/config')).json();
const trace = new Trace({ live: config.emulator });
const backend = new Backend(trace.fetchTo('worker'));
const quietly = new Backend((path, init) => fetch(path, init));
const service = {
  apiKey: config.apiKey,
  region: config.region,
  endpoint: config.endpoint,
  fetch: trace.fetchTo('service'),
  onEvent({ type, attempt, durationMs }) {
    if (type === 'retry') trace.note(`waits ${durationMs === undefined ? 'a little' : duration(durationMs)}, then attempt ${attempt + 1}`);
  },
};
const session = new PageSession({ service, backend, deviceId: deviceId() });

/** One browser is one device: the service ends a device's old token when it gets a new one, so the id must not change between visits. */
function deviceId() {
  const made = `web-${crypto.randomUUID()}`;
  try {
    const kept = localStorage.getItem('device-id') ?? made;
    localStorage.setItem('device-id', kept);
    return kept;
  } catch {
    return made;
  }
}

const say = (text) => {
  byId('status').textContent = text;
};

const button = (action) => document.querySelector(`[data-action="${action}"]`);

function showState() {
  document.body.dataset.state = session.state;
  for (const item of byId('states').children) {
    if (item.dataset.name === session.state) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  renderSession(session);
  const signedIn = session.session !== undefined;
  for (const action of ['verify', 'sign-out']) button(action).setAttribute('aria-disabled', String(!signedIn));
}

// Buttons that cannot be used now stay focusable: losing the focus is worse than a press that does nothing.
let busy = false;
async function act(action, work) {
  if (busy || button(action).getAttribute('aria-disabled') === 'true') return;
  busy = true;
  button(action).setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    const facts = typed(error);
    say(facts ? `That failed: ${facts.kind}.` : error.message);
    byId('wrong').hidden = false;
    showError(button(action).textContent, error);
  } finally {
    button(action).removeAttribute('aria-busy');
    busy = false;
  }
}

function signIn() {
  const person = findPerson(new FormData(byId('sign-in')).get('person'));
  return act('sign-in', async () => {
    trace.start();
    hideError();
    say(`Signing in as ${person.name} …`);
    // On a small screen the diagram is further down.
    byId('lanes').scrollIntoView({ block: 'nearest' });
    await session.signIn(person);
    say(`Signed in as ${person.name}.`);
  });
}

const verify = () =>
  act('verify', async () => {
    const { valid, reason } = await session.verify();
    say(valid ? 'The service honours the token.' : `The service no longer honours the token: ${reason}.`);
  });

const signOut = () =>
  act('sign-out', async () => {
    await session.signOut();
    say('Signed out: the service no longer honours the token.');
  });

const fail = ({ action, title }) =>
  act(action, async () => {
    trace.start();
    hideError();
    say(`${title} …`);
    const error = await provoke(action, { service, backend, quietly, pageSession: session });
    showError(title, error);
    say(`${title}: ${typed(error)?.kind ?? error.message}.`);
  });

function build() {
  byId('people').append(
    ...people.map((person, index) =>
      make(
        'label',
        { class: 'person' },
        make('input', { type: 'radio', name: 'person', value: person.userId, checked: index === 0 }),
        avatar(person),
        make('span', {}, make('strong', {}, person.name), make('small', {}, person.about)),
      ),
    ),
  );
  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    signIn();
  });
  button('verify').addEventListener('click', verify);
  button('sign-out').addEventListener('click', signOut);
  byId('against').textContent = config.emulator ? 'emulator' : `real service · ${config.region}`;
  byId('service-is').textContent = config.emulator ? 'here: the emulator' : `region ${config.region}`;
  if (config.emulator) {
    byId('wrong').hidden = false;
    byId('failures').append(
      ...failures.map((failure) => {
        const element = make(
          'button',
          { type: 'button', 'data-action': failure.action },
          make('strong', {}, failure.title),
          make('small', {}, failure.says),
        );
        element.addEventListener('click', () => fail(failure));
        return element;
      }),
    );
  }
  session.addEventListener('statechange', showState);
  showDiagram(trace);
  showState();
}

build();

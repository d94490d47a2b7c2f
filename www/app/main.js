// Connects the parts of the page and handles its buttons.
import { findButton, runAction, showStatus } from './actions.js';
import { Backend } from './backend.js';
import { showDiagram } from './diagram.js';
import { byId, formatDuration, make } from './dom.js';
import { Environment } from './environment.js';
import { hideError, showError } from './error-card.js';
import { EventLog, claimTabNumber, logClientEvents } from './event-log.js';
import { failures, provokeFailure } from './failures.js';
import { selectPerson, showPeople } from './people-form.js';
import { showSession } from './session-card.js';
import { createClient, signIn, signOut } from './session.js';
import { showTabs } from './tabs-card.js';
import { Trace } from './trace.js';
import { toErrorFacts, toMessage } from './wording.js';

/** @import { ServiceOptions } from 'social-plus-auth' */
/** @import { Config, Person, ServiceEvent } from '../types.js' */

/** @type {Config} */
const config = await (await fetch('/demo/config')).json();
const feed = config.emulator ? new EventSource('/demo/events') : undefined;
const environment = new Environment(config.aheadMs);
const tab = await claimTabNumber();
const log = new EventLog({ tab, clock: environment.clock });
const trace = new Trace({ fetch: environment.fetch, feed });
const backend = new Backend(trace.fetch);
const untracedBackend = new Backend((path, init) => fetch(path, init));
/** @type {ServiceOptions} */
const service = {
  apiKey: config.apiKey,
  region: config.region,
  endpoint: config.endpoint,
  fetch: trace.fetch,
  onEvent({ type, attempt = 0, durationMs = 0 }) {
    if (type === 'retry')
      trace.addNote(`waits ${formatDuration(durationMs)}, then attempt ${attempt + 1}`);
  },
};
const client = createClient(service, environment.clock);

function showState() {
  const { state } = client;
  document.body.dataset.state = state;
  for (const item of byId('states').querySelectorAll('li')) {
    if (item.dataset.name === state) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  const isSignedOut = state === 'notLoggedIn' || state === 'establishing';
  findButton('call').setAttribute('aria-disabled', String(isSignedOut || state === 'terminated'));
  findButton('sign-out').setAttribute('aria-disabled', String(isSignedOut));
  if (state === 'terminated')
    showStatus(`The service has ended the session: ${client.terminationReason}.`);
  showSession(client, environment.clock);
}

/**
 * Clears the diagram and the error before an action, and shows a status.
 *
 * @param {string} status
 */
function begin(status) {
  trace.start();
  hideError();
  showStatus(status);
}

/** @param {Person} person */
const onSignIn = (person) =>
  runAction('sign-in', async () => {
    begin(`Signing in as ${person.name} …`);
    // On a small screen, the diagram is below the form and may be out of view.
    byId('lanes').scrollIntoView({ block: 'nearest' });
    const wasSignedIn = client.state === 'established' && client.userId === person.userId;
    await signIn(client, backend, person);
    if (wasSignedIn) trace.addNote('this user is already signed in: no request needed');
    showStatus(`Signed in as ${person.name}.`);
  });

const onCall = () =>
  runAction('call', async () => {
    const { ok, status } = await client.fetch('/api/v3/sessions');
    showStatus(ok ? 'The service accepts the token.' : `The service responded with ${status}.`);
  });

const onSignOut = () =>
  runAction('sign-out', async () => {
    const wasTerminated = client.state === 'terminated';
    const isRevoked = await signOut(client, backend);
    if (isRevoked) showStatus('Signed out. The service has revoked the token.');
    else if (wasTerminated) showStatus('Signed out.');
    else showStatus('Signed out. The client will revoke the token once it can reach the service.');
  });

/** @param {typeof failures[number]} failure */
const onFail = ({ action, title }) =>
  runAction(action, async () => {
    begin(`${title} …`);
    const error = await provokeFailure(action, { service, backend, untracedBackend, client });
    showError(title, error);
    showStatus(`${title}: ${toErrorFacts(error)?.kind ?? toMessage(error)}.`);
  });

function showFailures() {
  byId('wrong').hidden = false;
  byId('failures').append(
    ...failures.map((failure) => {
      const element = make(
        'button',
        { type: 'button', 'data-action': failure.action },
        make('strong', {}, failure.title),
        make('small', {}, failure.summary),
      );
      element.addEventListener('click', () => onFail(failure));
      return element;
    }),
  );
}

/**
 * Logs how each request for a session of this device ended, whichever tab sent it.
 *
 * @param {MessageEvent<string>} message
 */
async function onServiceEvent({ data }) {
  /** @type {ServiceEvent} */
  const event = JSON.parse(data);
  if (event.phase !== 'session' || event.deviceId !== (await client.getDeviceId())) return;
  const { id, at = environment.clock.now(), status, isLost } = event;
  log.add('session', { id, at, tab: 'service', status, isLost });
}

async function start() {
  byId('service-name').textContent = config.emulator
    ? 'emulator'
    : `real service · ${config.region}`;
  byId('service-description').textContent = config.emulator
    ? 'the emulator'
    : `region ${config.region}`;
  showPeople(onSignIn);
  findButton('call').addEventListener('click', onCall);
  findButton('sign-out').addEventListener('click', onSignOut);
  if (config.emulator) showFailures();
  showDiagram(trace);
  client.addEventListener('statechange', showState);
  client.addEventListener('renewed', ({ detail: { byThisTab } }) => {
    if (!byThisTab) trace.addNote('another tab has renewed: no request needed');
    // The renewal has succeeded, so an earlier error no longer applies.
    hideError();
    showStatus(byThisTab ? 'Renewed.' : 'Renewed by another tab.');
    showState();
  });
  environment.addEventListener('advance', showState);
  feed?.addEventListener('message', onServiceEvent);
  showTabs({
    client,
    log,
    environment,
    tab,
    isEmulated: config.emulator,
    banned: config.banned ?? [],
    onAdvance: (title) => {
      trace.start();
      trace.addNote(`${title} later`);
    },
  });
  logClientEvents(client, log);
  showState();
  // After a reload, the page continues with the stored session, and the form selects its user.
  await client.resume().catch(() => {});
  selectPerson(client.userId);
}

start();

// The script of each tab: one client, a record of its events, and functions for the test to call.
// No token leaves the page: tests compare digests.
import { SessionClient, createSession } from 'social-plus-auth';

const observations = { states: [], renewed: [], failed: [], events: [], errors: [] };
addEventListener('error', ({ message }) => observations.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) =>
  observations.errors.push(`unhandled: ${reason?.kind ?? reason?.name}`),
);
addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
  observations.errors.push(`policy violation: ${violatedDirective}`),
);

let client;

/** How often the timer that `startBeats` sets has fired. */
let beats = 0;
const BEAT_MS = 10;
const waiting = [];
const beat = () => {
  beats += 1;
  while (waiting.length && waiting[0].count <= beats) waiting.shift().resolve();
};

/** Resolves to the value of a call (`fine` for undefined), or to a text with its error's kind. */
const toOutcome = (call) =>
  call.then(
    (value) => value ?? 'fine',
    (error) => `error: ${error.kind ?? error.name}`,
  );

/** Hashes a text without `crypto.subtle`, which an insecure context lacks. */
const digest = (text) => {
  let hash = 0;
  for (const letter of text) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return `${text.length} ${hash}`;
};

const toPromise = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const tab = {
  observations: () => observations,
  createClient(options) {
    client = new SessionClient({
      ...options,
      retry: false,
      onEvent: ({ type, detail }) => {
        if (type !== 'attempt' && type !== 'response')
          observations.events.push(`${type} ${detail ?? ''}`);
      },
    });
    client.addEventListener('statechange', ({ detail }) => observations.states.push(detail.state));
    client.addEventListener('renewed', ({ detail }) => observations.renewed.push(detail.byThisTab));
    client.addEventListener('renewalfailed', ({ detail }) =>
      observations.failed.push(detail.error.kind),
    );
  },
  login: (userId) => toOutcome(client.login({ userId }).then((user) => user.userId)),
  resume: () => toOutcome(client.resume()),
  renew: () => toOutcome(client.renew()),
  secureLogout: () => toOutcome(client.secureLogout()),
  logout: () => toOutcome(client.logout().then(({ revoked }) => `revoked ${revoked}`)),
  /** Resolves to a digest of the access token. */
  token: () => toOutcome(client.accessToken().then(digest)),
  /** Resolves to the user of the access token and the user of the client. */
  tokenOwner: () =>
    toOutcome(
      client.accessToken().then((token) => {
        const claims = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
        return { owner: JSON.parse(atob(claims)).user.publicUserId, userId: client.userId };
      }),
    ),
  /** Resolves to the status of a request with the token. */
  fetchStatus: () =>
    toOutcome(client.fetch('/api/v3/network-settings/chat').then(({ status }) => status)),
  snapshot: () => ({ state: client.state, userId: client.userId }),
  /** Creates a session without the client, as another program on the device would. */
  createSession: (options, request) =>
    toOutcome(createSession(options, request).then(({ userId }) => userId)),
  /** Keeps the thread of this tab busy, so that no message and no timer gets a turn. */
  keepBusy(ms) {
    for (const end = performance.now() + ms; performance.now() < end;);
  },
  /** Dispatches an event with which a browser wakes a page. */
  wake: (type) =>
    void (type === 'visibilitychange' ? document : window).dispatchEvent(new Event(type)),
  /** Waits until another tab blocks its thread in `logOutAfterHold`, renews, and unblocks it. */
  async renewDuringHold() {
    await fetch('/held');
    const outcome = await tab.renew();
    await fetch('/release');
    return outcome;
  },
  /** Blocks this tab's thread until another tab ends its `renewDuringHold`, and then signs out. */
  async logOutAfterHold() {
    await new Promise((resolve) => setTimeout(resolve));
    const request = new XMLHttpRequest();
    request.open('GET', '/hold', false);
    request.send();
    return tab.logout();
  },
  /** Answers the service worker, as the documentation shows. */
  serveTokens: () =>
    toOutcome(import('/docs/window-token.mjs').then((example) => example.serveTokens(client))),
  deviceId: () => client.getDeviceId(),
  startBeats: () => void setInterval(beat, BEAT_MS),
  countBeats: () => beats,
  /** Resolves once the timer has fired `count` times since `startBeats`. */
  waitForBeats: (count) =>
    new Promise((resolve) => {
      if (beats >= count) resolve();
      else waiting.push({ count, resolve });
    }),
  /** Returns the texts in all storage of the page, as far as it can be read. */
  async storageText() {
    const texts = [];
    try {
      texts.push(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }));
      for (const { name } of (await indexedDB.databases?.()) ?? []) {
        const database = await toPromise(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
          const objects = database.transaction(store).objectStore(store);
          texts.push(JSON.stringify(await toPromise(objects.getAll())));
        }
        database.close();
      }
    } catch {
      // Some tests take the storage away.
    }
    return texts.join('\n');
  },
  /**
   * Checks whether `localStorage` or `sessionStorage` contains the token, its base64, or one of its
   * long parts.
   */
  async isTokenInStorage() {
    const token = await client.accessToken();
    const stored = JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
    const parts = token.split('.').filter((part) => part.length > 20);
    return parts.length > 1 && [token, btoa(token), ...parts].some((part) => stored.includes(part));
  },
  /**
   * Gives the earlier messages, lock requests and fetches of this tab time to complete. It sends a
   * message over a `MessageChannel`, takes a lock and makes a fetch, awaits each, and then repeats
   * all three.
   */
  async settle() {
    for (let round = 0; round < 2; round += 1) {
      const { port1, port2 } = new MessageChannel();
      await new Promise((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(0);
      });
      port1.close();
      await navigator.locks?.request(`settle ${Math.random()}`, () => {});
      await fetch('/ping', { cache: 'no-store' });
    }
  },
};
globalThis.tab = tab;

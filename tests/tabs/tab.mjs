// What runs in each tab: one client, what it announces, and hands for the test. No token leaves the
// page; two are compared by their digest.
import { SessionClient, createSession } from 'social-plus-auth';
import { virtualClock } from '/conformance/virtual-clock.mjs';

const seen = { states: [], renewed: [], failed: [], events: [], errors: [] };
addEventListener('error', ({ message }) => seen.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) =>
  seen.errors.push(`unhandled: ${reason?.kind ?? reason?.name}`),
);
addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
  seen.errors.push(`against the policy: ${violatedDirective}`),
);

let client;
let time;
let underWay = 0;

/** A word for an outcome: what the call gives, or the error's kind. */
const outcome = (call) =>
  call.then(
    (value) => value ?? 'fine',
    (error) => `error: ${error.kind ?? error.name}`,
  );

const digest = async (text) => {
  // Not `crypto.subtle`, which an insecure page lacks.
  let hash = 0;
  for (const letter of text) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return `${text.length} ${hash}`;
};

globalThis.tab = {
  seen: () => seen,
  /** `turned`: the client's clock is one that `turn` moves, instead of the page's. */
  open({ turned, ...options }) {
    if (turned) time = virtualClock({ at: turned, isBusy: () => underWay > 0 });
    const counting = async (url, init) => {
      underWay += 1;
      try {
        return await fetch(url, init);
      } finally {
        underWay -= 1;
      }
    };
    client = new SessionClient({
      ...options,
      ...(turned && { clock: time.clock, fetch: counting }),
      retry: false,
      onEvent: ({ type, detail }) =>
        type !== 'attempt' && type !== 'response' && seen.events.push(`${type} ${detail ?? ''}`),
    });
    client.addEventListener('statechange', ({ detail }) => seen.states.push(detail.state));
    client.addEventListener('renewed', ({ detail }) => seen.renewed.push(detail.byThisTab));
    client.addEventListener('renewalfailed', ({ detail }) => seen.failed.push(detail.error.kind));
  },
  turn: (ms) => time.turn(ms),
  sleep: (ms) => time.sleep(ms),
  login: (userId) => outcome(client.login({ userId }).then((user) => user.userId)),
  resume: () => outcome(client.resume()),
  renew: () => outcome(client.renew()),
  logout: () => outcome(client.logout().then(({ revoked }) => `revoked ${revoked}`)),
  token: () => outcome(client.accessToken().then(digest)),
  /** The status of a request that bears the token. */
  ask: () => outcome(client.fetch('/api/v3/network-settings/chat').then(({ status }) => status)),
  look: () => ({ state: client.state, userId: client.userId }),
  /**
   * A session outside of the client, for the same device: what another program of the device would
   * do.
   */
  createSession: (options, request) =>
    outcome(createSession(options, request).then(({ userId }) => userId)),
  deviceId: () => client.getDeviceId(),
  /** Whether a text that only the token has lies anywhere in the storage of this origin. */
  async isStoredInClear() {
    const token = await client.accessToken();
    const text = JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
    const parts = token.split('.').filter((part) => part.length > 20);
    return parts.length > 1 && [token, btoa(token), ...parts].some((part) => text.includes(part));
  },
  /**
   * By now whatever this tab has begun has gone on its way: a lock, a message and a request that
   * were asked for later have come back.
   */
  async rest() {
    for (let round = 0; round < 2; round += 1) {
      const { port1, port2 } = new MessageChannel();
      await new Promise((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(0);
      });
      port1.close();
      await navigator.locks?.request(`rest ${Math.random()}`, () => {});
      await fetch('/ping', { cache: 'no-store' });
    }
  },
};

// Keeps a log of the events in all tabs, sorted by the demo's clock. Each tab adds its own events
// and sends them to the other tabs. A tab that opens later receives the earlier events.

/** @import { SessionClient, SessionClientEventMap } from 'social-plus-auth' */
/** @import { LogEntry, LogFacts } from '../types.js' */
/** @import { AdjustableClock } from './clock.js' */

/** @typedef {CustomEvent<LogEntry>} EntryEvent */

/** Dispatches `entry`, an `EntryEvent`, for each new entry. */
export class EventLog extends EventTarget {
  /** @type {LogEntry[]} */
  entries = [];
  #ids = new Set();
  #pageLoadId = crypto.randomUUID();
  #count = 0;
  #channel = new BroadcastChannel('demo-event-log');
  #tab;
  #clock;

  /** @param {{ tab: number, clock: AdjustableClock }} options */
  constructor({ tab, clock }) {
    super();
    this.#tab = tab;
    this.#clock = clock;
    this.#channel.addEventListener('message', ({ data }) => {
      if (data === 'hello') this.#channel.postMessage(this.entries);
      else for (const entry of data) this.#insert(entry);
    });
    this.#channel.postMessage('hello');
  }

  /**
   * Adds an entry from this tab. For an event that several tabs can see, `facts` must contain the
   * `id` of the event, so that the log contains it only once.
   *
   * @param {LogEntry['kind']} kind
   * @param {LogFacts & Partial<Pick<LogEntry, 'id' | 'at' | 'tab'>>} facts
   */
  add(kind, facts = {}) {
    const id = `${this.#pageLoadId}-${(this.#count += 1)}`;
    const entry = { id, at: this.#clock.now(), tab: this.#tab, kind, ...facts };
    if (this.#insert(entry)) this.#channel.postMessage([entry]);
  }

  /**
   * Calls `listener` with each new entry.
   *
   * @param {(entry: LogEntry) => void} listener
   */
  onEntry(listener) {
    this.addEventListener('entry', (event) => listener(/** @type {EntryEvent} */ (event).detail));
  }

  /** @param {LogEntry} entry */
  #insert(entry) {
    if (this.#ids.has(entry.id)) return false;
    this.#ids.add(entry.id);
    const previous = this.entries.findLastIndex(({ at }) => at <= entry.at);
    this.entries.splice(previous + 1, 0, entry);
    this.dispatchEvent(new CustomEvent('entry', { detail: entry }));
    return true;
  }
}

/**
 * Adds the events of a `SessionClient` to the log.
 *
 * @param {SessionClient} client
 * @param {EventLog} log
 */
export function logClientEvents(client, log) {
  log.add('state', { state: client.state });
  client.addEventListener('statechange', ({ detail: { state, reason } }) =>
    log.add('state', { state, reason }),
  );
  client.addEventListener('renewed', ({ detail: { byThisTab } }) =>
    log.add('renewed', { byThisTab }),
  );
  client.addEventListener('renewalfailed', ({ detail: { error, nextAttemptAt } }) =>
    log.add('failed', { error: error.kind, nextAttemptAt: nextAttemptAt?.getTime() }),
  );
  addEventListener('pagehide', () => log.add('closed'));
}

/**
 * Claims the smallest tab number that no other tab has, and returns it. The tab holds a lock for
 * its number until the page is closed. Returns 1 if the browser has no Web Locks.
 */
export async function claimTabNumber() {
  for (let number = 1; navigator.locks; number += 1) {
    const isClaimed = await new Promise((resolve) => {
      navigator.locks.request(`demo-tab-${number}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {});
      });
    });
    if (isClaimed) return number;
  }
  return 1;
}

// What has happened in all tabs, in the order of the turned clock: each tab tells its own part, and
// one that comes later is told the rest.

/** Tells by `entry` of each new entry: `{ id, at, tab, kind, … }`. */
export class Story extends EventTarget {
  entries = [];
  #ids = new Set();
  #load = crypto.randomUUID();
  #count = 0;
  #channel = new BroadcastChannel('demo-story');
  #tab;
  #clock;

  constructor({ tab, clock }) {
    super();
    this.#tab = tab;
    this.#clock = clock;
    this.#channel.addEventListener('message', ({ data }) => {
      if (data === 'hello') this.#channel.postMessage(this.entries);
      else data.forEach((entry) => this.#add(entry));
    });
    this.#channel.postMessage('hello');
  }

  /**
   * `facts` may hold an `id`, a time and a teller of their own: of what two tabs hear, only one
   * account counts.
   */
  tell(kind, facts = {}) {
    const id = `${this.#load}-${(this.#count += 1)}`;
    const entry = { id, at: this.#clock.now(), tab: this.#tab, kind, ...facts };
    if (this.#add(entry)) this.#channel.postMessage([entry]);
  }

  #add(entry) {
    if (this.#ids.has(entry.id)) return false;
    this.#ids.add(entry.id);
    const after = this.entries.findLastIndex(({ at }) => at <= entry.at);
    this.entries.splice(after + 1, 0, entry);
    this.dispatchEvent(new CustomEvent('entry', { detail: entry }));
    return true;
  }
}

/** The part of the story that a `SessionClient` tells by its events. */
export function tellOf(client, story) {
  story.tell('state', { state: client.state });
  client.addEventListener('statechange', ({ detail: { state, reason } }) =>
    story.tell('state', { state, reason }),
  );
  client.addEventListener('renewed', ({ detail: { byThisTab } }) =>
    story.tell('renewed', { byThisTab }),
  );
  client.addEventListener('renewalfailed', ({ detail: { error, nextAttemptAt } }) =>
    story.tell('failed', { error: error.kind, nextAttemptAt: nextAttemptAt?.getTime() }),
  );
  addEventListener('pagehide', () => story.tell('closed'));
}

/**
 * The smallest number that no other tab has: a lock for each, held for as long as the page lives.
 */
export async function tabNumber() {
  for (let number = 1; navigator.locks; number += 1) {
    const isMine = await new Promise((resolve) => {
      navigator.locks.request(`demo-tab-${number}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {});
      });
    });
    if (isMine) return number;
  }
  return 1;
}

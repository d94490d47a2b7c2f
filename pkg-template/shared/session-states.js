// Implements `SessionClient.states`: the states of a client as an async iterable.

import { isAborted, listen } from './abort.js';

/** @import { SessionState } from 'social-plus-auth' */

/**
 * Returns an iterator over the current state and every later state. It ends when one of the signals
 * aborts.
 *
 * @param {EventTarget & { state: SessionState }} client
 * @param {(AbortSignal | undefined)[]} signals
 * @returns {AsyncIterableIterator<SessionState>}
 */
export const iterateStates = (client, signals) => {
  const queue = [client.state];
  /** @type {(() => void)[]} */
  const waiters = [];
  const end = new AbortController();
  const wake = () => waiters.splice(0).forEach((resolve) => resolve());
  /** @type {(event: any) => void} */
  const onChange = ({ detail }) => {
    queue.push(detail.state);
    wake();
  };
  client.addEventListener('statechange', onChange, { signal: end.signal });
  end.signal.addEventListener('abort', wake);
  for (const signal of signals) {
    const stopListening = listen(signal, () => end.abort());
    end.signal.addEventListener('abort', stopListening);
    if (isAborted(signal)) end.abort();
  }
  return {
    async next() {
      while (!queue.length && !end.signal.aborted) {
        await new Promise((/** @type {(value: void) => void} */ resolve) => waiters.push(resolve));
      }
      const value = end.signal.aborted ? undefined : queue.shift();
      return /** @type {IteratorResult<SessionState>} */ ({ done: value === undefined, value });
    },
    async return(value) {
      end.abort();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

// Keeps what was asked and answered, in order: the page's own requests as its fetch sees them, and
// the worker's as the demo's event stream (or, without one, the worker's `Server-Timing`) tells of
// them.
import { mask, redactBody, redactHeader } from './redact.js';

const shownHeaders = ['content-type', 'cache-control', 'date', 'retry-after', 'server-timing'];
// The rest of what the worker sends is its runtime's own.
const workerHeaders = ['accept', 'content-type'];
// What each operation of the worker sends, for the real service, where nobody listens at the door.
const mint = { method: 'POST', path: '/api/v4/authentication/token' };

export class Trace extends EventTarget {
  /**
   * An event `row` comes with each row; `before` is the row it belongs before, where requests are
   * nested.
   */
  rows = [];
  #fetch;
  #live;
  #tokenRequest;
  #fromService = new Map();

  /** `fetch` is what goes over the network, `feed` the demo's event stream, where there is one. */
  constructor({ fetch, feed }) {
    super();
    this.#fetch = fetch;
    this.#live = feed !== undefined;
    feed?.addEventListener('message', ({ data }) => this.#heard(JSON.parse(data)));
  }

  /** Clears the board: a new story begins. */
  start() {
    this.rows = [];
    this.#tokenRequest = undefined;
    this.dispatchEvent(new Event('start'));
  }

  note(text) {
    this.#add({ type: 'note', text });
  }

  /**
   * A `fetch` that writes down what it does: what is of the page's own origin goes to the worker,
   * all else to the service.
   */
  fetch = async (url, init = {}) => {
    const { origin, pathname } = new URL(url, location.href);
    const exchange = {
      from: 'page',
      to: origin === location.origin ? 'worker' : 'service',
      method: init.method ?? 'GET',
      path: pathname,
      request: { headers: headersOf(init.headers), body: bodyOf(init.body) },
    };
    this.#ask(exchange);
    if (pathname.endsWith('/auth/token')) this.#tokenRequest = exchange;
    const started = performance.now();
    try {
      const response = await this.#fetch(url, init);
      if (!this.#live && exchange === this.#tokenRequest)
        this.#fromServerTiming(response.headers.get('server-timing'));
      this.#answer(exchange, { status: response.status, durationMs: performance.now() - started });
      exchange.answer.headers = [...response.headers].filter(([name]) =>
        shownHeaders.includes(name),
      );
      exchange.answer.body = response
        .clone()
        .text()
        .then(bodyOf, () => undefined);
      return response;
    } catch (error) {
      this.#answer(exchange, { durationMs: performance.now() - started });
      throw error;
    }
  };

  #heard({ phase, id, method, path, status, durationMs, headers, body }) {
    if (phase === 'session') return;
    if (phase === 'begin') {
      if (!this.#awaitsWorker()) return;
      const exchange = { from: 'worker', to: 'service', method, path, request: {} };
      this.#tokenRequest.inner = true;
      this.#fromService.set(id, exchange);
      this.#ask(exchange, this.#tokenRequest.answerRow);
    } else {
      const exchange = this.#fromService.get(id);
      if (!exchange) return;
      this.#fromService.delete(id);
      const shown = headersOf(headers).filter(([name]) => workerHeaders.includes(name));
      exchange.request = { headers: shown, body: redactBody(body) };
      this.#answer(exchange, { status, durationMs }, this.#tokenRequest?.answerRow);
    }
  }

  /**
   * Another tab's worker is heard as well. Ours has something to do for a token request that is
   * open, or whose first news comes late.
   */
  #awaitsWorker() {
    return (
      this.#tokenRequest !== undefined && !(this.#tokenRequest.answer && this.#tokenRequest.inner)
    );
  }

  #fromServerTiming(header) {
    for (const [, durationMs, status] of (header ?? '').matchAll(/dur=([\d.]+);desc="(\d+)"/g)) {
      const exchange = { from: 'worker', to: 'service', ...mint, request: {} };
      this.#ask(exchange);
      this.#answer(exchange, { status: Number(status), durationMs: Number(durationMs) });
    }
  }

  #ask(exchange, before) {
    this.#add({ type: 'request', exchange }, before);
  }

  #answer(exchange, answer, before) {
    exchange.answer = answer;
    exchange.answerRow = { type: 'answer', exchange };
    this.#add(exchange.answerRow, before);
  }

  #add(row, before) {
    const index = before ? this.rows.indexOf(before) : -1;
    this.rows.splice(index < 0 ? this.rows.length : index, 0, row);
    this.dispatchEvent(
      new CustomEvent('row', { detail: { row, before: index < 0 ? undefined : before } }),
    );
  }
}

const headersOf = (headers) =>
  [...new Headers(headers ?? {})].map(([name, value]) => [name, redactHeader(name, value)]);

function bodyOf(text) {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const value = JSON.parse(text);
    // A string by itself is how the service hands out an auth token.
    return typeof value === 'string' ? mask : redactBody(value);
  } catch {
    return text;
  }
}

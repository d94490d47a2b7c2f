// Records requests and responses in order: those of the page, as its `fetch` sees them, and those
// of the worker, as the demo's event stream reports them. With the real service there is no event
// stream, and the worker's `Server-Timing` header reports them.
import { mask, redactBody, redactHeader } from './redact.js';

/** @import { Exchange, ExchangeResponse, Header, Row, ServiceEvent } from '../types.js' */

/** @typedef {CustomEvent<{ row: Row, before?: Row }>} RowEvent */

const RESPONSE_HEADERS = ['content-type', 'cache-control', 'date', 'retry-after', 'server-timing'];
// The worker's runtime adds the other headers.
const WORKER_HEADERS = ['accept', 'content-type'];
// The worker's only request to the real service, which has no event stream to report it.
const mint = { method: 'POST', path: '/api/v4/authentication/token' };

/**
 * Dispatches `start` when it is cleared, and `row`, a `RowEvent`, for each new row. `before` is the
 * row that it precedes, if it is not the last one.
 */
export class Trace extends EventTarget {
  /** @type {Row[]} */
  rows = [];
  #fetch;
  #hasFeed;
  /** @type {Exchange | undefined} */
  #tokenRequest;
  #hasMinted = false;
  /** @type {Map<string, Exchange>} */
  #workerExchanges = new Map();

  /**
   * @param {object} options
   * @param {(url: string, init: RequestInit) => Promise<Response>} options.fetch
   * @param {EventSource} [options.feed] - the demo's event stream
   */
  constructor({ fetch, feed }) {
    super();
    this.#fetch = fetch;
    this.#hasFeed = feed !== undefined;
    feed?.addEventListener('message', ({ data }) => this.#onServiceEvent(JSON.parse(data)));
  }

  /** Removes all rows. */
  start() {
    this.rows = [];
    this.#tokenRequest = undefined;
    this.dispatchEvent(new Event('start'));
  }

  /** @param {string} text */
  note(text) {
    this.#addRow({ type: 'note', text });
  }

  /**
   * Sends a request and records it. A request to the page's own origin goes to the worker, any
   * other to the service.
   *
   * @param {string} url
   * @param {RequestInit} init
   */
  fetch = async (url, init = {}) => {
    const { origin, pathname } = new URL(url, location.href);
    /** @type {Exchange} */
    const exchange = {
      from: 'page',
      to: origin === location.origin ? 'worker' : 'service',
      method: init.method ?? 'GET',
      path: pathname,
      request: { headers: readHeaders(init.headers), body: readBody(init.body) },
    };
    this.#addRequest(exchange);
    if (pathname.endsWith('/auth/token')) {
      this.#tokenRequest = exchange;
      this.#hasMinted = false;
    }
    const start = performance.now();
    const elapsed = () => performance.now() - start;
    try {
      const response = await this.#fetch(url, init);
      if (!this.#hasFeed && exchange === this.#tokenRequest)
        this.#addServerTiming(response.headers.get('server-timing'));
      this.#addResponse(exchange, {
        status: response.status,
        durationMs: elapsed(),
        headers: [...response.headers].filter(([name]) => RESPONSE_HEADERS.includes(name)),
        body: response
          .clone()
          .text()
          .then(readBody, () => undefined),
      });
      return response;
    } catch (error) {
      this.#addResponse(exchange, { durationMs: elapsed() });
      throw error;
    }
  };

  /** @param {ServiceEvent} event */
  #onServiceEvent(event) {
    if (event.phase === 'begin' && this.#isForThisPage()) {
      const { id, method, path } = event;
      /** @type {Exchange} */
      const exchange = { from: 'worker', to: 'service', method, path, request: {} };
      this.#hasMinted = true;
      this.#workerExchanges.set(id, exchange);
      this.#addRequest(exchange, this.#tokenRequest?.responseRow);
    } else if (event.phase === 'end') {
      const { id, status, durationMs, headers, body } = event;
      const exchange = this.#workerExchanges.get(id);
      if (!exchange) return;
      this.#workerExchanges.delete(id);
      const shown = readHeaders(headers).filter(([name]) => WORKER_HEADERS.includes(name));
      exchange.request = { headers: shown, body: redactBody(body) };
      this.#addResponse(exchange, { status, durationMs }, this.#tokenRequest?.responseRow);
    }
  }

  /**
   * The event stream also reports requests for other tabs. One belongs to this page if the page's
   * token request is open, or if its first event is late.
   */
  #isForThisPage() {
    return this.#tokenRequest !== undefined && !(this.#tokenRequest.response && this.#hasMinted);
  }

  /** @param {string | null} header */
  #addServerTiming(header) {
    for (const [, durationMs, status] of (header ?? '').matchAll(/dur=([\d.]+);desc="(\d+)"/g)) {
      /** @type {Exchange} */
      const exchange = { from: 'worker', to: 'service', ...mint, request: {} };
      this.#addRequest(exchange);
      this.#addResponse(exchange, { status: Number(status), durationMs: Number(durationMs) });
    }
  }

  /**
   * @param {Exchange} exchange
   * @param {Row} [before]
   */
  #addRequest(exchange, before) {
    this.#addRow({ type: 'request', exchange }, before);
  }

  /**
   * @param {Exchange} exchange
   * @param {ExchangeResponse} response
   * @param {Row} [before]
   */
  #addResponse(exchange, response, before) {
    exchange.response = response;
    exchange.responseRow = { type: 'response', exchange };
    this.#addRow(exchange.responseRow, before);
  }

  /**
   * @param {Row} row
   * @param {Row} [before]
   */
  #addRow(row, before) {
    const index = before ? this.rows.indexOf(before) : -1;
    this.rows.splice(index < 0 ? this.rows.length : index, 0, row);
    const detail = { row, before: index < 0 ? undefined : before };
    this.dispatchEvent(new CustomEvent('row', { detail }));
  }
}

/**
 * @param {HeadersInit} [headers]
 * @returns {Header[]}
 */
const readHeaders = (headers = {}) =>
  [...new Headers(headers)].map(([name, value]) => [name, redactHeader(name, value)]);

/**
 * Parses a body and masks its secrets. A text that is not JSON is returned unchanged.
 *
 * @param {unknown} text
 * @returns {unknown}
 */
function readBody(text) {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const value = JSON.parse(text);
    // The service returns an auth token as a bare string.
    return typeof value === 'string' ? mask : redactBody(value);
  } catch {
    return text;
  }
}

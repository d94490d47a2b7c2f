// Records requests and responses in order. The page sends its own requests through the method
// `fetch`. The demo's event stream reports the requests of the worker. With the real service, the
// demo has no event stream, and the worker's `Server-Timing` header reports the worker's requests.
import { mask, redactBody, redactHeader } from './redact.js';

/** @import { Exchange, ExchangeResponse, Header, Row, ServiceEvent } from '../types.js' */

/** @typedef {CustomEvent<{ row: Row, nextRow?: Row }>} RowEvent */

const RESPONSE_HEADERS = ['content-type', 'cache-control', 'date', 'retry-after', 'server-timing'];
// The headers of the worker's requests that the page takes from the event stream. details.js adds
// the server key, masked. The page omits the headers that the worker's runtime adds.
const WORKER_HEADERS = ['accept', 'content-type'];
// The only request that the worker sends to the service. `Server-Timing` reports its duration and
// status, but not its method and path.
const mintRequest = { method: 'POST', path: '/api/v4/authentication/token' };

/**
 * Dispatches `start` after it has removed all rows, and `row`, a `RowEvent`, for each new row.
 * `nextRow` is the row that follows the new row, if there is one.
 */
export class Trace extends EventTarget {
  /** @type {Row[]} */
  rows = [];
  #fetch;
  #hasFeed;
  /** @type {Exchange | undefined} */
  #tokenRequest;
  #hasMintStarted = false;
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

  /** Starts a new recording: removes all rows. */
  start() {
    this.rows = [];
    this.#tokenRequest = undefined;
    this.dispatchEvent(new Event('start'));
  }

  /** @param {string} text */
  addNote(text) {
    this.#addRow({ type: 'note', text });
  }

  /**
   * Sends a request and records it. A request to the page's own origin goes to the worker, any
   * other request to the service.
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
      this.#hasMintStarted = false;
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
      this.#hasMintStarted = true;
      this.#workerExchanges.set(id, exchange);
      this.#addRequest(exchange, this.#tokenRequest?.responseRow);
    } else if (event.phase === 'end') {
      const { id, status, durationMs, headers, body } = event;
      const exchange = this.#workerExchanges.get(id);
      if (!exchange) return;
      this.#workerExchanges.delete(id);
      const shownHeaders = readHeaders(headers).filter(([name]) => WORKER_HEADERS.includes(name));
      exchange.request = { headers: shownHeaders, body: redactBody(body) };
      this.#addResponse(exchange, { status, durationMs }, this.#tokenRequest?.responseRow);
    }
  }

  /**
   * Returns whether a request of the worker that begins now probably belongs to this page; the
   * event stream also reports requests for other tabs. The request belongs to this page if the
   * page's token request is pending. It also does if the token request has ended, but the stream
   * has not reported any request of the worker since the token request began: then the event has
   * probably arrived after the response.
   */
  #isForThisPage() {
    return (
      this.#tokenRequest !== undefined && !(this.#tokenRequest.response && this.#hasMintStarted)
    );
  }

  /** @param {string | null} header */
  #addServerTiming(header) {
    for (const [, durationMs, status] of (header ?? '').matchAll(/dur=([\d.]+);desc="(\d+)"/g)) {
      /** @type {Exchange} */
      const exchange = { from: 'worker', to: 'service', ...mintRequest, request: {} };
      this.#addRequest(exchange);
      this.#addResponse(exchange, { status: Number(status), durationMs: Number(durationMs) });
    }
  }

  /**
   * @param {Exchange} exchange
   * @param {Row} [nextRow]
   */
  #addRequest(exchange, nextRow) {
    this.#addRow({ type: 'request', exchange }, nextRow);
  }

  /**
   * @param {Exchange} exchange
   * @param {ExchangeResponse} response
   * @param {Row} [nextRow]
   */
  #addResponse(exchange, response, nextRow) {
    exchange.response = response;
    exchange.responseRow = { type: 'response', exchange };
    this.#addRow(exchange.responseRow, nextRow);
  }

  /**
   * @param {Row} row
   * @param {Row} [nextRow]
   */
  #addRow(row, nextRow) {
    const index = nextRow ? this.rows.indexOf(nextRow) : -1;
    this.rows.splice(index < 0 ? this.rows.length : index, 0, row);
    const detail = { row, nextRow: index < 0 ? undefined : nextRow };
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
 * Parses a JSON body and masks its secrets. Returns any other text unchanged. Returns `undefined`
 * for an empty text and for a value that is not a string.
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

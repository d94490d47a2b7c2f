// Makes the requests of the session machine to the service and to the app's own backend. The
// machine judges the responses.
import { listen } from './abort.js';
import {
  createBotSession,
  createSession,
  createVisitorSession,
  revokeSession,
  verify,
} from './browser-calls.js';
import { fetchCredential } from './credentials.js';
import { getHidden, hide } from './hidden.js';
import { USER_TYPES } from './session-registry.js';
import {
  CLAIM_GRACE_MS,
  EVENT_ATTEMPT,
  EVENT_CREDENTIAL,
  EVENT_NO_CREDENTIAL,
  EVENT_NO_SESSION,
  EVENT_NOT_REVOKED,
  EVENT_NOT_VERIFIED,
  EVENT_REVOKED,
  EVENT_SERVER_DATE,
  EVENT_SESSION,
  EVENT_VERIFIED,
} from './session-wire.js';
import {
  DEFAULT_TIMEOUT_MS,
  SESSION_KIND_BOT,
  SESSION_KIND_USER,
  SESSION_KIND_VISITOR,
} from './wire.js';

/** @import { DiagnosticEvent, SessionClientOptions } from 'social-plus-auth' */
/** @import { SocialPlusError } from './error.js' */
/** @import { Engine } from './session-engine.js' */
/** @import { Session } from './session.js' */
/** @import { ClientClock } from './session-timer.js' */

/**
 * The user for whom to request a session. The object is empty if the operation has ended since the
 * machine asked for the session, for example because of a logout. The machine then discards the
 * result.
 *
 * @typedef {{
 *   kind?: number, userId?: string, displayName?: string, secrets?: object
 * }} Subject
 */

/** @type {Record<number, typeof createSession>} */
const CREATORS = {
  [SESSION_KIND_USER]: createSession,
  [SESSION_KIND_VISITOR]: createVisitorSession,
  [SESSION_KIND_BOT]: createBotSession,
};

export class Service {
  #engine;
  #options;
  #clock;
  #timeoutMs;
  /** The credential for the next request. @type {Record<string, string> | undefined} */
  #credential;
  /** Aborts each request for a session, by ticket. @type {Map<number, AbortController>} */
  #requests = new Map();

  /**
   * @param {Engine} engine
   * @param {SessionClientOptions} options
   * @param {ClientClock} clock
   */
  constructor(engine, options, clock) {
    this.#engine = engine;
    this.#options = options;
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Gets an auth token or a visitor's signature, and tells the machine whether that succeeded.
   *
   * @param {number} ticket
   * @param {Subject} subject
   */
  async getCredential(ticket, subject) {
    const engine = this.#engine;
    try {
      this.#credential = await this.#obtainCredential(subject);
      engine.step(EVENT_CREDENTIAL, [ticket, Object.keys(this.#credential).length]);
    } catch (error) {
      engine.error = /** @type {SocialPlusError} */ (error);
      engine.step(EVENT_NO_CREDENTIAL, [ticket, engine.error.retryAfterMs ?? 0]);
    }
  }

  /**
   * Returns the credential for a subject; an empty object if the app set no source for its kind.
   *
   * @param {Subject} subject
   * @returns {Promise<Record<string, string>>}
   */
  async #obtainCredential({ kind, userId = '', secrets }) {
    const { authTokenFrom, visitorSignatureFrom, fetch } = this.#options;
    const { authToken } = (secrets && getHidden(secrets)) ?? {};
    if (authToken) {
      // The app passed this auth token to `login`. Use it only once.
      hide(/** @type {object} */ (secrets), {});
      return { authToken };
    }
    const { device, closing } = this.#engine;
    const { deviceId } = device;
    const context = { fetch, userId, deviceId, timeoutMs: this.#timeoutMs, signal: closing.signal };
    if (kind === SESSION_KIND_USER && authTokenFrom) {
      return fetchCredential('authTokenFrom', authTokenFrom, ['authToken'], context);
    }
    if (kind === SESSION_KIND_VISITOR && visitorSignatureFrom) {
      const fields = ['authSignature', 'authSignatureExpiresAt'];
      return fetchCredential('visitorSignatureFrom', visitorSignatureFrom, fields, context);
    }
    return {};
  }

  /**
   * Requests a session.
   *
   * @param {number} ticket
   * @param {Subject} subject
   */
  async createSession(ticket, { kind = SESSION_KIND_USER, userId, displayName }) {
    const engine = this.#engine;
    const attemptLimitMs = this.#timeoutMs + CLAIM_GRACE_MS;
    let getElapsedMs = this.#startStopwatch();
    const onEvent = (/** @type {DiagnosticEvent} */ event) => {
      const { type, durationMs = 0, detail } = event;
      if (type === 'attempt') {
        getElapsedMs = this.#startStopwatch();
        engine.step(EVENT_ATTEMPT, [ticket, attemptLimitMs, 0]);
      } else if (type === 'retry') {
        // A service that limits the rate has not processed the request. After any other failure,
        // the attempt may have created a session whose response was lost.
        const isLost = detail === 'rateLimited' ? 0 : 1;
        engine.step(EVENT_ATTEMPT, [ticket, durationMs + attemptLimitMs, isLost]);
      }
      return this.#options.onEvent?.(event);
    };
    const { deviceId } = engine.device;
    const controller = new AbortController();
    const { signal } = controller;
    const abort = () => controller.abort();
    const stopListening = listen(engine.closing.signal, abort);
    // A listener of the app may have closed the client before this effect.
    if (engine.closing.signal.aborted) abort();
    this.#requests.set(ticket, controller);
    const request = { userId, displayName, ...this.#credential, deviceId, signal };
    this.#credential = undefined;
    try {
      /** @type {Session} */
      const session = await CREATORS[kind](this.#addDateReporting({ onEvent }), request);
      if (kind !== SESSION_KIND_USER) session.userType ??= USER_TYPES[kind];
      engine.error = undefined;
      engine.step(EVENT_SESSION, [ticket, getElapsedMs()], engine.registry.addNew(session));
    } catch (error) {
      if (!signal.aborted) this.#fail(EVENT_NO_SESSION, ticket, error);
    } finally {
      stopListening();
      this.#requests.delete(ticket);
    }
  }

  /**
   * Aborts a request for a session. The request then reports no result to the machine.
   *
   * @param {number} ticket
   */
  abort(ticket) {
    this.#requests.get(ticket)?.abort();
  }

  /**
   * Asks the service whether a token is valid.
   *
   * @param {number} ticket
   * @param {Session} session
   */
  async verify(ticket, { accessToken }) {
    try {
      await verify(this.#addDateReporting(), accessToken, this.#engine.closing);
      this.#engine.step(EVENT_VERIFIED, [ticket]);
    } catch (error) {
      this.#fail(EVENT_NOT_VERIFIED, ticket, error);
    }
  }

  /**
   * Makes one attempt to revoke a token.
   *
   * @param {number} id
   * @param {Session} session
   */
  async revoke(id, { accessToken }) {
    const options = this.#addDateReporting();
    const { fetch } = options;
    const fetchWithKeepalive = (/** @type {string} */ url, /** @type {RequestInit} */ init) =>
      fetch(url, globalThis.document ? { ...init, keepalive: true } : init);
    try {
      const singleAttempt = { ...options, retry: false, fetch: fetchWithKeepalive };
      await revokeSession(singleAttempt, accessToken, this.#engine.closing);
      this.#engine.step(EVENT_REVOKED, [id]);
    } catch (error) {
      this.#fail(EVENT_NOT_REVOKED, id, error);
    }
  }

  /**
   * Reports an error to the machine.
   *
   * @param {number} event
   * @param {number} ticket
   * @param {any} error a SocialPlusError, as every call throws
   */
  #fail(event, ticket, error) {
    const { kind, code = 0, status = 0, retryAfterMs = 0 } = error;
    this.#engine.error = error;
    this.#engine.step(event, [ticket, kind, code, status, retryAfterMs]);
  }

  /**
   * Returns a function that returns the milliseconds since this call. It reads both clocks, because
   * the monotonic clock may stop while the device sleeps.
   */
  #startStopwatch() {
    const [wall, mono] = [this.#clock.now(), this.#clock.monotonic()];
    return () => Math.max(this.#clock.now() - wall, this.#clock.monotonic() - mono);
  }

  /**
   * Returns the app's options with a `fetch` that reports each `Date` header to the machine.
   *
   * @param {object} [more] - options that replace those of the app
   */
  #addDateReporting(more) {
    const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      const getElapsedMs = this.#startStopwatch();
      const response = await (this.#options.fetch ?? globalThis.fetch)(url, init);
      const at = Date.parse(response?.headers?.get?.('date') ?? '');
      if (at) this.#engine.step(EVENT_SERVER_DATE, [at, getElapsedMs()]);
      return response;
    };
    return { ...this.#options, fetch, ...more };
  }
}

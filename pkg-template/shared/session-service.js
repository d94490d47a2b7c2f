// The requests of the session machine to the service and to the app's own backend. The machine
// judges the answers.
import {
  createBotSession,
  createSession,
  createVisitorSession,
  revokeSession,
  verify,
} from './browser-calls.js';
import { credential } from './credentials.js';
import { hide, hidden } from './hidden.js';
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
 * Who a session is for. Without a kind its user has gone, and the answer is stale.
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
   * Gets an auth token or a visitor's signature.
   *
   * @param {number} ticket
   * @param {Subject} subject
   */
  async getCredential(ticket, subject) {
    const engine = this.#engine;
    try {
      this.#credential = await this.#credentialOf(subject);
      engine.step(EVENT_CREDENTIAL, [ticket, Object.keys(this.#credential).length]);
    } catch (error) {
      engine.error = /** @type {SocialPlusError} */ (error);
      engine.step(EVENT_NO_CREDENTIAL, [ticket, engine.error.retryAfterMs ?? 0]);
    }
  }

  /**
   * @param {Subject} subject
   * @returns {Promise<Record<string, string>>}
   */
  async #credentialOf({ kind, userId = '', secrets }) {
    const { authTokenFrom, visitorSignatureFrom, fetch } = this.#options;
    const { authToken } = (secrets && hidden(secrets)) ?? {};
    if (authToken) {
      // An auth token that the app passed to `login` is used once.
      hide(/** @type {object} */ (secrets), {});
      return { authToken };
    }
    const { device, closing } = this.#engine;
    const { deviceId } = device;
    const about = { fetch, userId, deviceId, timeoutMs: this.#timeoutMs, signal: closing.signal };
    if (kind === SESSION_KIND_USER && authTokenFrom) {
      return credential('authTokenFrom', authTokenFrom, ['authToken'], about);
    }
    if (kind === SESSION_KIND_VISITOR && visitorSignatureFrom) {
      const fields = ['authSignature', 'authSignatureExpiresAt'];
      return credential('visitorSignatureFrom', visitorSignatureFrom, fields, about);
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
    const patienceMs = this.#timeoutMs + CLAIM_GRACE_MS;
    let elapsed = this.#stopwatch();
    const onEvent = (/** @type {DiagnosticEvent} */ event) => {
      const { type, durationMs = 0, detail } = event;
      if (type === 'attempt') {
        elapsed = this.#stopwatch();
        engine.step(EVENT_ATTEMPT, [ticket, patienceMs, 0]);
      } else if (type === 'retry') {
        // A service that limits the rate has not acted on the request.
        const isLost = detail === 'rateLimited' ? 0 : 1;
        engine.step(EVENT_ATTEMPT, [ticket, durationMs + patienceMs, isLost]);
      }
      return this.#options.onEvent?.(event);
    };
    const { deviceId } = engine.device;
    const { signal } = engine.closing;
    const request = { userId, displayName, ...this.#credential, deviceId, signal };
    this.#credential = undefined;
    try {
      /** @type {Session} */
      const session = await CREATORS[kind](this.#withDates({ onEvent }), request);
      if (kind !== SESSION_KIND_USER) session.userType ??= USER_TYPES[kind];
      engine.error = undefined;
      engine.step(EVENT_SESSION, [ticket, elapsed()], engine.registry.addNew(session));
    } catch (error) {
      this.#fail(EVENT_NO_SESSION, ticket, error);
    }
  }

  /**
   * Asks the service whether it honours a token.
   *
   * @param {number} ticket
   * @param {Session} session
   */
  async verify(ticket, { accessToken }) {
    try {
      await verify(this.#withDates(), accessToken, this.#engine.closing);
      this.#engine.step(EVENT_VERIFIED, [ticket]);
    } catch (error) {
      this.#fail(EVENT_NOT_VERIFIED, ticket, error);
    }
  }

  /**
   * Revokes a token, with one attempt.
   *
   * @param {number} id
   * @param {Session} session
   */
  async revoke(id, { accessToken }) {
    const options = this.#withDates();
    const { fetch } = options;
    const keepAlive = (/** @type {string} */ url, /** @type {RequestInit} */ init) =>
      fetch(url, globalThis.document ? { ...init, keepalive: true } : init);
    try {
      const once = { ...options, retry: false, fetch: keepAlive };
      await revokeSession(once, accessToken, this.#engine.closing);
      this.#engine.step(EVENT_REVOKED, [id]);
    } catch (error) {
      this.#fail(EVENT_NOT_REVOKED, id, error);
    }
  }

  /**
   * Tells the machine of an error.
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
   * Measures a duration in milliseconds. The monotonic clock stands still while the device sleeps.
   */
  #stopwatch() {
    const [wall, mono] = [this.#clock.now(), this.#clock.monotonic()];
    return () => Math.max(this.#clock.now() - wall, this.#clock.monotonic() - mono);
  }

  /**
   * Returns the app's options with a `fetch` that tells the machine of each `Date` header.
   *
   * @param {object} [more]
   */
  #withDates(more) {
    const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      const elapsed = this.#stopwatch();
      const response = await (this.#options.fetch ?? globalThis.fetch)(url, init);
      const at = Date.parse(response?.headers?.get?.('date') ?? '');
      if (at) this.#engine.step(EVENT_SERVER_DATE, [at, elapsed()]);
      return response;
    };
    return { ...this.#options, fetch, ...more };
  }
}

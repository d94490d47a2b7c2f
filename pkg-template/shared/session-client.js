// Implements `SessionClient` of types/session-client.d.ts: passes the app's calls to the engine.
import { readSignal, withAbort } from './abort.js';
import { DEFAULT_MIN_VALIDITY_MS, HTTP_UNAUTHORIZED } from './constants.js';
import { SocialPlusError, fail, guard } from './error.js';
import { hide } from './hidden.js';
import { createReader } from './reader.js';
import { revive } from './keep.js';
import { Engine } from './session-engine.js';
import { asRequest, readRequest } from './session-fetch.js';
import { checkOptions, realClock } from './session-options.js';
import { USER_TYPES, getKind } from './session-registry.js';
import { iterateStates } from './session-states.js';
import {
  EFFECT_RENEWED,
  EFFECT_STATE,
  EVENT_ACCESS_TOKEN,
  EVENT_ADOPT,
  EVENT_LOGOUT,
  EVENT_RENEW,
  EVENT_RESUME,
  EVENT_SECURE_LOGOUT,
  EVENT_UNAUTHORIZED,
  OUTCOME_CLOSED,
  OUTCOME_FAILED,
  OUTCOME_SUCCEEDED,
  OUTCOME_NOT_LOGGED_IN,
  OUTCOME_SUPERSEDED,
  OUTCOME_TERMINATED,
  OUTCOME_UNSUPPORTED,
  REASON_GLOBAL_BAN,
  REASON_UNAUTHORIZED,
  REASON_USER_DELETED,
  STATE_ESTABLISHED,
  STATE_ESTABLISHING,
  STATE_NOT_LOGGED_IN,
  STATE_TERMINATED,
  STATE_TOKEN_EXPIRED,
} from './session-wire.js';
import { SESSION_KIND_BOT, SESSION_KIND_USER, SESSION_KIND_VISITOR } from './wire.js';

/** @import { ErrorKind, SessionClientOptions, SessionState } from 'social-plus-auth' */
/** @import { TerminationReason } from 'social-plus-auth' */
/** @import { Session } from './session.js' */

/** @typedef {{ signal?: AbortSignal }} Call */

/** @type {Record<number, SessionState>} */
const STATES = {
  [STATE_NOT_LOGGED_IN]: 'notLoggedIn',
  [STATE_ESTABLISHING]: 'establishing',
  [STATE_ESTABLISHED]: 'established',
  [STATE_TOKEN_EXPIRED]: 'tokenExpired',
  [STATE_TERMINATED]: 'terminated',
};

/** @type {Record<number, TerminationReason>} */
const REASONS = {
  [REASON_UNAUTHORIZED]: 'unauthorized',
  [REASON_GLOBAL_BAN]: 'globalBan',
  [REASON_USER_DELETED]: 'userDeleted',
};

/** @type {Record<number, [kind: ErrorKind, message: string]>} */
const OUTCOME_ERRORS = {
  [OUTCOME_FAILED]: ['network', 'The last renewal failed; the next attempt is not due yet.'],
  [OUTCOME_SUPERSEDED]: ['superseded', 'Another login or a logout came first.'],
  [OUTCOME_NOT_LOGGED_IN]: ['notLoggedIn', 'No user is signed in: call login().'],
  [OUTCOME_TERMINATED]: ['terminated', 'The service has ended the session: call logout() first.'],
  [OUTCOME_CLOSED]: ['aborted', 'The client was closed.'],
  [OUTCOME_UNSUPPORTED]: ['unsupported', 'Another tab runs a later version: reload this page.'],
};

/** The outcomes with which even `resume` and `logout` reject. */
const REFUSALS = [OUTCOME_CLOSED, OUTCOME_UNSUPPORTED];

/** The kinds of errors after which `accessToken` must not return the token that the client has. */
const FINAL_KINDS = /^(aborted|superseded|notLoggedIn|terminated)$/;

/** Makes the class. A bundler drops the call of this function if the app does not use the class. */
export const makeSessionClient = () =>
  class SessionClient extends (globalThis.EventTarget ?? Object) {
    #engine;
    /** @type {Promise<number> | undefined} */
    #resuming;
    #isReady = false;
    #fetch;
    /** The state in the last `statechange` event. @type {SessionState} */
    #announced = 'notLoggedIn';

    /** @param {SessionClientOptions} options */
    constructor(options) {
      super();
      const given = guard('config', 'SessionClient', () => checkOptions({ ...options }));
      this.#fetch = given.fetch;
      this.#engine = new Engine(given, given.clock ?? realClock, (effect, value) =>
        this.#announce(effect, value),
      );
    }

    get state() {
      return /** @type {SessionState} */ (STATES[this.#engine.stateNow]);
    }

    get terminationReason() {
      const { reason } = this.#engine;
      return reason ? REASONS[reason] : undefined;
    }

    get userId() {
      return this.#engine.session?.userId;
    }

    get user() {
      return this.#engine.session?.user;
    }

    get userType() {
      const { session } = this.#engine;
      return session && USER_TYPES[getKind(session)];
    }

    get expiresAt() {
      const { current } = this.#engine;
      return current && new Date(current.session.expiresAt);
    }

    async getDeviceId() {
      await this.#begin('getDeviceId');
      return this.#engine.device.deviceId;
    }

    /** @param {Call} [call] */
    async resume(call) {
      await this.#begin('resume', call);
      return this.state;
    }

    /** @param {Call & { userId: string, displayName?: string, authToken?: string }} request */
    async login(request) {
      const readText = createReader('invalidRequest', 'login', request)('string');
      return this.#signIn('login', request, SESSION_KIND_USER, {
        userId: readText('userId') ?? '',
        displayName: readText('displayName'),
        authToken: readText('authToken'),
      });
    }

    /** @param {Call} [call] */
    async loginAsVisitor(call) {
      return this.#signIn('loginAsVisitor', call, SESSION_KIND_VISITOR);
    }

    /** @param {Call} [call] */
    async loginAsBot(call) {
      return this.#signIn('loginAsBot', call, SESSION_KIND_BOT);
    }

    /** @param {unknown} sessionOrJson */
    async loginWithSession(sessionOrJson) {
      const operation = 'loginWithSession';
      await this.#begin(operation);
      const engine = this.#engine;
      const session = revive(sessionOrJson);
      if (!session) {
        return fail(
          'invalidRequest',
          operation,
          'Expected a session of `createSession`, or its JSON.',
        );
      }
      if (session.deviceId !== engine.device.deviceId) {
        fail('invalidRequest', operation, 'must be what getDeviceId() returns.', 'deviceId');
      }
      const record = engine.registry.addNew(session);
      await this.#finish(operation, undefined, engine.step(EVENT_ADOPT, [], record));
      return this.#requireSession(operation).user;
    }

    /** @param {Call & { minValidityMs?: number }} [call] */
    async accessToken(call) {
      const operation = 'accessToken';
      const readNumber = createReader('invalidRequest', operation, call)('number');
      const minValidityMs = readNumber('minValidityMs') ?? DEFAULT_MIN_VALIDITY_MS;
      const signal = readSignal(operation, call);
      const engine = this.#engine;
      if (!signal && engine.current && engine.isFresh(minValidityMs)) {
        return engine.current.session.accessToken;
      }
      const initial = engine.session;
      if (!(minValidityMs >= 0)) {
        fail('invalidRequest', operation, 'must be at least 0.', 'minValidityMs');
      }
      await this.#begin(operation, call);
      try {
        await this.#finish(operation, call, engine.step(EVENT_ACCESS_TOKEN, [minValidityMs]));
      } catch (error) {
        const { kind } = /** @type {SocialPlusError} */ (error);
        const isUsable = engine.state === STATE_ESTABLISHED && !engine.isExpired();
        if (FINAL_KINDS.test(kind) || !isUsable) throw error;
      }
      return this.#requireSession(operation, initial).accessToken;
    }

    /** @param {Call} [call] */
    async renew(call) {
      await this.#begin('renew', call);
      await this.#finish('renew', call, this.#engine.step(EVENT_RENEW));
    }

    /**
     * @param {RequestInfo | URL} input
     * @param {RequestInit} [init]
     */
    async fetch(input, init) {
      const operation = 'fetch';
      const engine = this.#engine;
      let initial = engine.session;
      const signal = guard(
        'invalidRequest',
        operation,
        () => readSignal(operation, init) ?? readSignal(operation, asRequest(input)),
      );
      await this.#begin(operation, { signal });
      initial ??= engine.session;
      const request = await readRequest(input, init, engine.base, this.#fetch, signal);
      const send = async () => {
        await this.accessToken({ signal });
        const { accessToken } = this.#requireSession(operation, initial);
        const id = engine.current?.id;
        return { id, response: await request.send(accessToken) };
      };
      const { id = 0, response } = await send();
      if (response?.status !== HTTP_UNAUTHORIZED) return response;
      const cancel = () => response.body?.cancel?.()?.catch?.(() => {});
      try {
        await this.#finish(operation, { signal }, engine.step(EVENT_UNAUTHORIZED, [id]));
      } catch (error) {
        // Return the 401, unless there is a new token, the signal or `close` aborted the call, or
        // only a reload can help.
        const { kind } = /** @type {SocialPlusError} */ (error);
        if (kind === 'aborted' || engine.device.isObsolete) {
          cancel();
          throw error;
        }
      }
      const hasNewToken = engine.current && engine.current.id !== id;
      if (!hasNewToken || !request.isReplayable) return response;
      this.#requireSession(operation, initial);
      cancel();
      return (await send()).response;
    }

    /** @param {Call & { revoke?: boolean }} [call] */
    async logout(call) {
      const operation = 'logout';
      await this.#begin(operation, call);
      const revoke = createReader('invalidRequest', operation, call)('boolean')('revoke') ?? true;
      const step = this.#engine.step(EVENT_LOGOUT, [Number(revoke)]);
      const outcome = await withAbort(operation, call, step);
      if (REFUSALS.includes(outcome)) this.#refuse(operation, outcome);
      return { revoked: outcome === OUTCOME_SUCCEEDED };
    }

    /** @param {Call} [call] */
    async secureLogout(call) {
      const operation = 'secureLogout';
      await this.#begin(operation, call);
      await this.#finish(operation, call, this.#engine.step(EVENT_SECURE_LOGOUT));
    }

    /** @param {Call} [call] */
    states(call) {
      return iterateStates(this, [this.#engine.closing.signal, readSignal('states', call)]);
    }

    async close() {
      this.#isReady = false;
      this.#engine.close();
    }

    [Symbol.asyncDispose ?? Symbol()]() {
      return this.close();
    }

    /**
     * Dispatches the event for an effect of the machine.
     *
     * @param {number} effect
     * @param {number} value depends on the effect: the reason for the state, whether this tab has
     *   renewed, or when the next attempt is due
     */
    #announce(effect, value) {
      const engine = this.#engine;
      if (effect === EFFECT_STATE) {
        engine.reason = value || undefined;
        const reason = this.terminationReason;
        const state = /** @type {SessionState} */ (STATES[engine.state]);
        const detail = { state, previous: this.#announced, ...(reason && { reason }) };
        this.#announced = state;
        engine.report('state', state);
        this.#dispatch('statechange', detail);
      } else if (effect === EFFECT_RENEWED) {
        this.#dispatch('renewed', { expiresAt: this.expiresAt, byThisTab: value > 0 });
      } else {
        const unusableError = /** @type {const} */ ({
          kind: 'invalidResponse',
          operation: 'renew',
          message: 'The service returned a session of another user, or one that has already ended.',
          retryable: true,
        });
        const error = engine.error ?? new SocialPlusError(unusableError);
        this.#dispatch('renewalfailed', { error, nextAttemptAt: new Date(value) });
      }
    }

    /**
     * @param {string} type
     * @param {object} detail
     */
    #dispatch(type, detail) {
      // Vercel's edge runtime has no CustomEvent.
      const { CustomEvent } = globalThis;
      const event = CustomEvent
        ? new CustomEvent(type, { detail })
        : Object.assign(new Event(type), { detail });
      this.dispatchEvent(event);
    }

    /**
     * Opens the engine and restores the device's session. Once the client is ready, this method
     * returns at once for a call without a signal, so that such calls act in the order in which the
     * app makes them.
     *
     * @param {string} operation
     * @param {Call} [call]
     */
    async #begin(operation, call) {
      if (this.#isReady && !readSignal(operation, call)) return;
      await withAbort(operation, call, this.#engine.open());
      this.#resuming ??= this.#engine.step(EVENT_RESUME);
      const outcome = await withAbort(operation, call, this.#resuming);
      if (REFUSALS.includes(outcome)) this.#refuse(operation, outcome);
      this.#isReady = true;
    }

    /**
     * @param {string} operation
     * @param {Call | undefined} call
     * @param {number} kind
     * @param {{ userId?: string, displayName?: string, authToken?: string }} [fields]
     */
    async #signIn(operation, call, kind, fields = {}) {
      const { userId, displayName, authToken } = fields;
      const engine = this.#engine;
      await (this.#isReady
        ? this.#begin(operation, call)
        : withAbort(operation, call, engine.open()));
      engine.check(operation, fields, kind);
      const secrets = {};
      hide(secrets, { authToken });
      const needsRequest = displayName !== undefined || authToken !== undefined;
      const outcome = engine.login({ kind, userId, displayName, secrets }, needsRequest);
      // The login event also restores the device's session.
      this.#resuming ??= Promise.resolve(OUTCOME_SUCCEEDED);
      this.#isReady = true;
      await this.#finish(operation, call, outcome);
      return this.#requireSession(operation).user;
    }

    /**
     * Returns the current session. Throws if no user is signed in, or if another user was signed in
     * when the call began.
     *
     * @param {string} operation
     * @param {Session} [initial] the session when the call began
     * @returns {Session}
     */
    #requireSession(operation, initial) {
      const { current, state } = this.#engine;
      if (!current) {
        const isTerminated = state === STATE_TERMINATED;
        return this.#refuse(operation, isTerminated ? OUTCOME_TERMINATED : OUTCOME_NOT_LOGGED_IN);
      }
      if (initial && current.session.userId !== initial.userId) {
        return this.#refuse(operation, OUTCOME_SUPERSEDED);
      }
      return current.session;
    }

    /**
     * @param {string} operation
     * @param {number} outcome
     * @returns {never}
     */
    #refuse(operation, outcome) {
      const [kind, message] = OUTCOME_ERRORS[outcome] ?? OUTCOME_ERRORS[OUTCOME_FAILED];
      return fail(kind, operation, message);
    }

    /**
     * Waits for the outcome of a step, and throws unless the step succeeded.
     *
     * @param {string} operation
     * @param {Call | undefined} call
     * @param {Promise<number>} step
     */
    async #finish(operation, call, step) {
      const outcome = await withAbort(operation, call, step);
      if (outcome === OUTCOME_FAILED && this.#engine.error) throw this.#engine.error;
      if (outcome !== OUTCOME_SUCCEEDED) this.#refuse(operation, outcome);
    }
  };

// `SessionClient` of types/session-client.d.ts: what the app calls, over the engine that does it.
import { Engine } from './session-engine.js';
import { KINDS, kindOf } from './session-service.js';
import { SocialPlusError, fail } from './error.js';
import { hide } from './hidden.js';
import { readInput } from './input.js';
import { reader } from './reader.js';
import { revive } from './keep.js';
import * as words from './session-words.js';
import { withAbort } from './abort.js';

const NAME = 'SessionClient';
const STATES = ['notLoggedIn', 'establishing', 'established', 'tokenExpired', 'terminated'];
const REASONS = [undefined, 'unauthorized', 'globalBan', 'userDeleted'];
/**
 * By the number of the way in which a call has ended: `Outcome` in src/session/parts.rs, and
 * closed.
 */
const OUTCOMES = [
  [],
  ['network', 'The last try has failed, and the next one is not due yet.'],
  ['superseded', 'Another login, or a logout, has come first.'],
  ['notLoggedIn', 'Nobody is signed in: call login().'],
  ['terminated', 'The service has ended the session: call logout() before the next login().'],
  ['aborted', 'The client was closed.'],
];

const real = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** Kinds of errors after which there is no token to be given, however good it looks. */
const ENDS = /^(aborted|superseded|notLoggedIn|terminated)$/;

/** What can be seen to be wrong at once; what the values may be is for the first call to say. */
const check = (options) => {
  const refuse = (message) => fail('config', NAME, message);
  const has = (object, names) => names.every((name) => typeof object?.[name] === 'function');
  const { deviceId, namespace, storage = 'memory', clock = real } = options;
  if (!has(clock, Object.keys(real)))
    refuse('`clock` must have now, monotonic, setTimeout and clearTimeout.');
  readInput(NAME, options, {});
  const text = reader('config', NAME, options)('string');
  if (!text('apiKey')) refuse('`apiKey` is missing or empty.');
  if (!text('region') === !text('endpoint'))
    refuse('Exactly one of `region` and `endpoint` must be given.');
  if (text('deviceId') === '' || deviceId?.length > 150)
    refuse('`deviceId` must have 1 to 150 characters.');
  if (text('namespace') === '') refuse('`namespace` must not be empty.');
  for (const from of ['authTokenFrom', 'visitorSignatureFrom']) {
    if (typeof options[from] !== 'function' && !options[from]?.href && text(from) === '')
      refuse(`\`${from}\` must not be empty.`);
  }
  if (
    !['memory', 'local', 'encrypted'].includes(storage) &&
    !has(storage, ['getItem', 'setItem', 'removeItem'])
  ) {
    refuse(
      "`storage` must be 'memory', 'local', 'encrypted' or have getItem, setItem and removeItem.",
    );
  }
};

/** Makes the class, over the calls of an entry. */
export const sessionClient = (calls) =>
  class SessionClient extends (globalThis.EventTarget ?? Object) {
    #engine;
    #resuming;
    #isReady;
    #fetch;

    constructor(options) {
      super();
      const given = { ...options };
      check(given);
      this.#fetch = given.fetch;
      let before = STATES[0];
      const emit = (type, value) => {
        const { state, error } = this.#engine;
        if (type === words.STATE) {
          const reason = REASONS[value];
          this.#engine.reason = reason;
          const detail = { state: STATES[state], previous: before, ...(reason && { reason }) };
          before = detail.state;
          this.#engine.report('state', detail.state);
          this.#say('statechange', detail);
        } else if (type === words.RENEWED)
          this.#say('renewed', { expiresAt: this.expiresAt, byThisTab: value });
        else {
          const strange = {
            kind: 'invalidResponse',
            operation: 'renew',
            message: 'Another session came back.',
            retryable: true,
          };
          this.#say('renewalfailed', {
            error: error ?? new SocialPlusError(strange),
            nextAttemptAt: new Date(value),
          });
        }
      };
      this.#engine = new Engine(calls, given, given.clock ?? real, emit);
    }

    get state() {
      return STATES[this.#engine.stateNow];
    }

    get terminationReason() {
      return this.#engine.reason;
    }

    get userId() {
      return this.#engine.who?.userId;
    }

    get user() {
      return this.#engine.who?.user;
    }

    get userType() {
      const { who } = this.#engine;
      return who && KINDS[kindOf(who)][1];
    }

    get expiresAt() {
      const { held } = this.#engine;
      return held && new Date(held.session.expiresAt);
    }

    async getDeviceId() {
      await this.#begin('getDeviceId');
      return this.#engine.device.deviceId;
    }

    async resume(call) {
      await this.#begin('resume', call);
      return this.state;
    }

    async login(request) {
      const field = reader('invalidRequest', 'login', request)('string');
      return this.#sign('login', request, 0, {
        userId: field('userId') ?? '',
        displayName: field('displayName'),
        authToken: field('authToken'),
      });
    }

    async loginAsVisitor(call) {
      return this.#sign('loginAsVisitor', call, 1, {});
    }

    async loginAsBot(call) {
      return this.#sign('loginAsBot', call, 2, {});
    }

    async loginWithSession(given) {
      const operation = 'loginWithSession';
      await this.#begin(operation);
      const session = revive(given);
      if (!session)
        fail(
          'invalidRequest',
          operation,
          'This is no session: pass what createSession gave, or its JSON.',
        );
      if (session.deviceId !== this.#engine.device.deviceId)
        fail(
          'invalidRequest',
          operation,
          'The session is of another device: make it for getDeviceId().',
        );
      const entry = { session, epoch: 0, number: 0, offset: 0 };
      await this.#done(
        operation,
        undefined,
        this.#engine.step(words.ADOPT, 0, 0, 0, ...this.#engine.numbers(entry)),
      );
      return this.#session(operation).user;
    }

    async accessToken(call) {
      const { minValidityMs = 60_000, signal } = call ?? {};
      if (!signal && this.#engine.isFresh(minValidityMs))
        return this.#engine.held.session.accessToken;
      const operation = 'accessToken';
      const { who } = this.#engine;
      if (!(minValidityMs >= 0))
        fail('invalidRequest', operation, '`minValidityMs` must be a number of milliseconds.');
      await this.#begin(operation, call);
      try {
        await this.#done(operation, call, this.#engine.step(words.NEED, minValidityMs));
      } catch (error) {
        // What there is is better than nothing, as long as it is good.
        if (
          ENDS.test(error.kind) ||
          this.#engine.state !== words.ESTABLISHED ||
          this.#engine.isExpired()
        )
          throw error;
      }
      return this.#session(operation, who).accessToken;
    }

    async renew(call) {
      await this.#begin('renew', call);
      await this.#done('renew', call, this.#engine.step(words.RENEW));
    }

    async fetch(input, init) {
      const operation = 'fetch';
      let { who } = this.#engine;
      const request = typeof input?.clone === 'function' ? input : undefined;
      const signal = init?.signal ?? request?.signal;
      await this.#begin(operation, { signal });
      who ??= this.#engine.who;
      const refuse = (message) => fail('invalidRequest', operation, message);
      const { base } = this.#engine;
      let url;
      let headers;
      let body = init?.body;
      try {
        const address = String(request?.url ?? input);
        url = new URL(/^\/(?!\/)/.test(address) ? base.href + address.slice(1) : address, base);
        headers = new Headers(init?.headers ?? request?.headers);
        // Not by whether there is a `body`: Firefox does not tell.
        if (request && !/^(GET|HEAD)$/.test(request.method)) body ??= await request.arrayBuffer();
      } catch {
        refuse('Address, headers or body could not be read.');
      }
      if (url.origin !== base.origin)
        refuse(
          'Only the service itself gets the token: pass an address of it, or one relative to it.',
        );
      const send = async () => {
        await this.accessToken({ signal });
        const { accessToken } = this.#session(operation, who);
        const { id } = this.#engine.held;
        headers.set('authorization', `Bearer ${accessToken}`);
        try {
          const fetch = this.#fetch ?? globalThis.fetch;
          return {
            id,
            response: await fetch(url.href, {
              method: request?.method,
              ...init,
              signal,
              body,
              headers,
              redirect: 'manual',
            }),
          };
        } catch {
          return fail(signal?.aborted ? 'aborted' : 'network', operation, 'There was no answer.');
        }
      };
      const { id, response } = await send();
      if (response?.status !== 401) return response;
      await this.#done(operation, { signal }, this.#engine.step(words.REFUSED, id)).catch(
        (error) => {
          if (error.kind === 'aborted') throw error;
        },
      );
      const { held } = this.#engine;
      // A stream can be sent only once.
      if (!held || held.id === id || body?.getReader || body?.[Symbol.asyncIterator])
        return response;
      this.#session(operation, who);
      response.body?.cancel?.()?.catch?.(() => {});
      return (await send()).response;
    }

    async logout(call) {
      await this.#begin('logout', call);
      const outcome = await withAbort(
        'logout',
        call,
        this.#engine.step(words.LOGOUT, call?.revoke === false ? 0 : 1),
      );
      if (outcome === words.CLOSED) this.#refuse('logout', outcome);
      return { revoked: !outcome };
    }

    async secureLogout(call) {
      await this.#begin('secureLogout', call);
      await this.#done('secureLogout', call, this.#engine.step(words.SECURE_LOGOUT));
    }

    states(call) {
      const seen = [this.state];
      const waiting = [];
      const end = new AbortController();
      const ring = () => waiting.splice(0).forEach((resolve) => resolve());
      const note = ({ detail }) => {
        seen.push(detail.state);
        ring();
      };
      this.addEventListener('statechange', note, { signal: end.signal });
      end.signal.addEventListener('abort', ring);
      for (const signal of [this.#engine.closing.signal, call?.signal]) {
        if (signal?.aborted) end.abort();
        signal?.addEventListener('abort', () => end.abort(), { signal: end.signal });
      }
      return {
        async next() {
          while (!seen.length && !end.signal.aborted)
            await new Promise((resolve) => waiting.push(resolve));
          return end.signal.aborted
            ? { done: true, value: undefined }
            : { done: false, value: seen.shift() };
        },
        async return(value) {
          end.abort();
          return { done: true, value };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    }

    async close() {
      this.#isReady = false;
      this.#engine.close();
    }

    [Symbol.asyncDispose ?? Symbol()]() {
      return this.close();
    }

    #say(type, detail) {
      // Vercel's edge runtime has no CustomEvent.
      const { CustomEvent } = globalThis;
      this.dispatchEvent(
        CustomEvent
          ? new CustomEvent(type, { detail })
          : Object.assign(new Event(type), { detail }),
      );
    }

    /**
     * Every call but a login takes up what there is before anything else. Once that is done nothing
     * is waited for, so that calls act in their order.
     */
    async #begin(operation, call) {
      if (this.#isReady && !call?.signal) return;
      await withAbort(operation, call, this.#engine.open());
      this.#resuming ??= this.#engine.step(words.RESUME);
      if ((await withAbort(operation, call, this.#resuming)) === words.CLOSED)
        this.#refuse(operation, words.CLOSED);
      this.#isReady = true;
    }

    async #sign(operation, call, kind, { userId, displayName, authToken }) {
      const engine = this.#engine;
      await (this.#isReady
        ? this.#begin(operation, call)
        : withAbort(operation, call, engine.open()));
      engine.check(operation, { userId, displayName, authToken }, (list) =>
        calls.glue.invoke(calls.glue.createSession, list, kind),
      );
      const secrets = {};
      hide(secrets, { authToken });
      const said = engine.login(
        { kind, userId, displayName, secrets },
        displayName !== undefined || authToken !== undefined,
      );
      // It looks for what there is by itself.
      this.#resuming ??= Promise.resolve();
      this.#isReady = true;
      await this.#done(operation, call, said);
      return this.#session(operation).user;
    }

    /** The session, of who was signed in when the call began. */
    #session(operation, who) {
      const { held, state } = this.#engine;
      if (who && held && held.session.userId !== who.userId) this.#refuse(operation, 2);
      return held?.session ?? this.#refuse(operation, state === words.TERMINATED ? 4 : 3);
    }

    #refuse(operation, outcome) {
      const [kind, message] = OUTCOMES[outcome];
      return fail(kind, operation, message);
    }

    /** Waits for what a step comes to. */
    async #done(operation, call, promise) {
      const outcome = await withAbort(operation, call, promise);
      if (outcome === words.FAILED && this.#engine.error) throw this.#engine.error;
      if (outcome) this.#refuse(operation, outcome);
    }
  };

// What the session machine asks the service and the app's own backend, and what it is told of the
// answers.
import { credential } from './credentials.js';
import { hide, hidden } from './hidden.js';
import * as words from './session-words.js';

/** By the number of a person's kind: the call, and the service's word. */
export const KINDS = [
  ['createSession', 'signed-in'],
  ['createVisitorSession', 'visitor'],
  ['createBotSession', 'bot'],
];
export const kindOf = ({ userType }) =>
  Math.max(
    KINDS.findIndex(([, type]) => type === userType),
    0,
  );

/**
 * By the service's own word on a session (rule 10 of the contract): its number for the machine; 4
 * for whatever may pass, 5 for what it does not know.
 */
const verdictOf = ({ kind, code, status }) => {
  if (code) return { 400100: 1, 400312: 2, 400400: 5 }[code] ?? 4;
  // Flags on the user, in an answer that is otherwise fine.
  return (status === 200 && { banned: 2, notFound: 3 }[kind]) || 4;
};

/** What a look at a token came to, likewise; 5: it is refused, and a renewal will tell why. */
const LOOKS = { unauthorized: 5, banned: 2, notFound: 3 };

/**
 * What is added to `timeoutMs` before another tab may think that this one is gone, in milliseconds.
 */
const GRACE_MS = 1000;

/** `engine` is told what came of it. */
export class Service {
  #engine;
  #calls;
  #options;
  #clock;
  #timeoutMs;
  #given;

  constructor(engine, calls, options, clock) {
    this.#engine = engine;
    this.#calls = calls;
    this.#options = options;
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
  }

  /** Gets an auth token, or a visitor's signature. */
  async prepare(ticket, { kind, userId, secrets }) {
    const engine = this.#engine;
    const { authTokenFrom, visitorSignatureFrom, fetch } = this.#options;
    const { authToken } = (secrets && hidden(secrets)) ?? {};
    this.#given = {};
    try {
      const about = {
        fetch,
        userId,
        deviceId: engine.device.deviceId,
        timeoutMs: this.#timeoutMs,
        signal: engine.closing.signal,
      };
      if (authToken) {
        // For this once.
        hide(secrets, {});
        this.#given = { authToken };
      } else if (kind === 0 && authTokenFrom)
        this.#given = await credential('authTokenFrom', authTokenFrom, ['authToken'], about);
      else if (kind === 1 && visitorSignatureFrom) {
        this.#given = await credential(
          'visitorSignatureFrom',
          visitorSignatureFrom,
          ['authSignature', 'authSignatureExpiresAt'],
          about,
        );
      }
      engine.step(words.PREPARED, ticket, 1, Object.keys(this.#given).length);
    } catch (error) {
      engine.error = error;
      engine.step(words.PREPARED, ticket, 0, error.retryAfterMs ?? 0);
    }
  }

  /** Asks for a session. */
  async ask(ticket, { kind, userId, displayName }) {
    const engine = this.#engine;
    const patience = this.#timeoutMs + GRACE_MS;
    let took;
    const onEvent = (event) => {
      const { type, durationMs, detail } = event;
      if (type === 'attempt') {
        took = this.#stopwatch();
        engine.step(words.ATTEMPT, ticket, patience, 0);
      } else if (type === 'retry')
        engine.step(words.ATTEMPT, ticket, durationMs + patience, detail === 'rateLimited' ? 0 : 1);
      return this.#options.onEvent?.(event);
    };
    const request = {
      userId,
      displayName,
      ...this.#given,
      deviceId: engine.device.deviceId,
      signal: engine.closing.signal,
    };
    this.#given = undefined;
    try {
      const session = await this.#calls[KINDS[kind][0]](this.#heard({ onEvent }), request);
      if (kind) session.userType ??= KINDS[kind][1];
      engine.error = undefined;
      engine.step(
        words.ANSWERED,
        ticket,
        0,
        took(),
        ...engine.numbers({ session, epoch: 0, number: 0, offset: 0 }),
      );
    } catch (error) {
      engine.error = error;
      engine.step(words.ANSWERED, ticket, verdictOf(error), error.retryAfterMs ?? 0);
    }
  }

  /** Asks about a token. */
  async verify(ticket, { accessToken }) {
    const engine = this.#engine;
    try {
      const { reason } = await this.#calls.verifySession(
        this.#heard(),
        accessToken,
        engine.closing,
      );
      engine.step(words.VERIFIED, ticket, LOOKS[reason] ?? 0);
    } catch (error) {
      engine.error = error;
      engine.step(words.VERIFIED, ticket, 4, error.retryAfterMs ?? 0);
    }
  }

  /** One try. A token that the service does not know is as good as revoked. */
  async revoke(id, { accessToken }) {
    const engine = this.#engine;
    const { fetch } = this.#heard();
    const options = this.#heard({
      retry: false,
      fetch: (url, init) => fetch(url, globalThis.document ? { ...init, keepalive: true } : init),
    });
    let isDone = true;
    try {
      await this.#calls.revokeSession(options, accessToken, engine.closing);
    } catch (error) {
      engine.error = error;
      // Its own word, or a plain 401; a proxy's page says nothing of the token.
      isDone = (error.code && /^(unauthorized|notFound)$/.test(error.kind)) || error.status === 401;
    }
    engine.step(words.REVOKED, id, isDone ? 1 : 0);
  }

  /** How long something takes, in milliseconds. Monotonic time stands still in a sleep. */
  #stopwatch() {
    const [wall, mono] = [this.#clock.now(), this.#clock.monotonic()];
    return () => Math.max(this.#clock.now() - wall, this.#clock.monotonic() - mono);
  }

  /** The app's options, with an ear for `Date`. */
  #heard(more) {
    const fetch = async (url, init) => {
      const took = this.#stopwatch();
      const response = await (this.#options.fetch ?? globalThis.fetch)(url, init);
      const at = Date.parse(response?.headers?.get?.('date'));
      if (at) this.#engine.step(words.DATE, at, took());
      return response;
    };
    return { ...this.#options, fetch, ...more };
  }
}

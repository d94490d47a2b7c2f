// Drives the session machine of src/session: passes events to it and carries out its effects. The
// rules of a session are in the machine. Tokens, names and user ids stay in JavaScript, and the
// machine knows each session and each user by a number.
import * as glue from '../wasm/browser_bg.js';
import { withAbort } from './abort.js';
import { ready } from './browser-wasm.js';
import { NAME_RADIX } from './constants.js';
import { Device } from './device.js';
import { SocialPlusError, fail } from './error.js';
import { hash, randomId } from './hash.js';
import { host } from './host.js';
import { readInput } from './input.js';
import { createStore, pack, unpack } from './keep.js';
import { Registry, getKind } from './session-registry.js';
import { Service } from './session-service.js';
import { Timer } from './session-timer.js';
import {
  EFFECT_ABORT,
  EFFECT_BROADCAST,
  EFFECT_CLEAR,
  EFFECT_CREATE_SESSION,
  EFFECT_CREDENTIAL,
  EFFECT_CURRENT,
  EFFECT_FORGET,
  EFFECT_LOAD,
  EFFECT_LOCK,
  EFFECT_RENEWAL_FAILED,
  EFFECT_RENEWED,
  EFFECT_REPLY,
  EFFECT_REVOKE,
  EFFECT_SAVE,
  EFFECT_SETTLE,
  EFFECT_STATE,
  EFFECT_TIMER,
  EFFECT_VALIDITY,
  EFFECT_VERIFY,
  EFFECT_WAIT,
  EFFECT_WRITE_SHARED,
  EVENT_CLOSE,
  EVENT_LOADED,
  EVENT_LOCKED,
  EVENT_LOGIN,
  EVENT_MESSAGE,
  EVENT_STORAGE_CHANGED,
  EVENT_TIMER,
  EVENT_WAKE,
  FLAG_BACKGROUND,
  FLAG_HANDS_OVER,
  FLAG_SHARED,
  MAX_DRIFT_MS,
  MESSAGE_CHANGED,
  MESSAGE_DISCARDED,
  MESSAGE_REQUEST_SESSION,
  OUTCOME_CLOSED,
  RECORD_NUMBER_LENGTH,
  STATE_ESTABLISHED,
  STATE_NOT_LOGGED_IN,
  STATE_TERMINATED,
  STATE_TOKEN_EXPIRED,
} from './session-wire.js';
import { DEFAULT_TIMEOUT_MS, SESSION_KIND_USER } from './wire.js';

/** @import { DiagnosticEvent, SessionClientOptions } from 'social-plus-auth' */
/** @import { Entry } from './keep.js' */
/** @import { Session } from './session.js' */
/** @import { Subject } from './session-service.js' */
/** @import { SettingNumbers } from './session-wire.js' */
/** @import { ClientClock } from './session-timer.js' */

/**
 * The events of the document and the window that wake a tab. `storage` is among them, because the
 * message about a change may arrive before this tab can read the change in storage.
 */
const WAKE_EVENTS = ['visibilitychange', 'resume', 'online', 'pageshow', 'storage'];

/** The names of the messages in the events of `onEvent`. @type {Record<number, string>} */
const MESSAGE_NAMES = {
  [MESSAGE_CHANGED]: 'changed',
  [MESSAGE_REQUEST_SESSION]: 'requestSession',
  [MESSAGE_DISCARDED]: 'discarded',
};

/** @type {number[]} */
const NO_RECORD = Array(RECORD_NUMBER_LENGTH).fill(0);

/**
 * Creates the function that releases a machine. It is created outside the engine, so that it does
 * not retain the engine.
 *
 * @param {number} handle
 */
const createRelease = (handle) => () => glue.closeMachine(handle);
/** Releases the machines of garbage-collected clients that the app did not close. */
const finalizers =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry((/** @type {() => void} */ release) => release());

export class Engine {
  state = STATE_NOT_LOGGED_IN;
  /** Why the service has ended the session: a `REASON_…`. @type {number | undefined} */
  reason;
  /** @type {Entry | undefined} */
  current;
  /**
   * The last error of a request or of a credential's source; undefined after a new session.
   *
   * @type {SocialPlusError | undefined}
   */
  error;
  /**
   * The service's base URL; undefined until the client is open.
   *
   * @type {URL}
   */
  base = /** @type {any} */ (undefined);
  /**
   * The device; undefined until the client is open.
   *
   * @type {Device}
   */
  device = /** @type {any} */ (undefined);
  registry = new Registry();
  closing = new AbortController();
  #options;
  #clock;
  #emit;
  #timeoutMs;
  /** @type {Promise<void> | undefined} */
  #opening;
  /** @type {number | undefined} */
  #machine;
  /** @type {(() => void) | undefined} */
  #release;
  /** @type {Awaited<ReturnType<typeof createStore>>} */
  #store = /** @type {any} */ (undefined);
  /** @type {Promise<unknown> | undefined} */
  #saved;
  /** The last current session; undefined after a logout. @type {Session | undefined} */
  #last;
  /** The login in flight. @type {Subject | undefined} */
  #login;
  #service;
  #timer;
  /** @type {Map<number, { promise: Promise<number>, resolve: (outcome: number) => void }>} */
  #waits = new Map();
  /** @type {number[][]} */
  #effects = [];
  #isBusy = false;
  /** The wall clock minus the monotonic clock at the last step, in milliseconds. */
  #skew = 0;
  #freshUntil = 0;
  #expiresAt = 0;
  #maxValidityMs = 0;
  #isSuspected = false;

  /**
   * @param {SessionClientOptions} options
   * @param {ClientClock} clock
   * @param {(effect: number, value: number) => void} emit dispatches the event for an effect
   */
  constructor(options, clock, emit) {
    this.#options = options;
    this.#clock = clock;
    this.#emit = emit;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#service = new Service(this, options, clock);
    this.#timer = new Timer(clock, () => this.step(EVENT_TIMER));
  }

  /** Opens the machine and the device. The first call does this, not the constructor. */
  async open() {
    if (!this.closing.signal.aborted) {
      this.#opening ??= withAbort('SessionClient', this.closing, this.#start()).catch((error) => {
        this.#opening = undefined;
        throw error;
      });
      await this.#opening;
    }
    if (this.#machine === undefined) fail('aborted', 'SessionClient', 'This client is closed.');
  }

  async #start() {
    const { namespace, deviceId, apiKey, storage = 'memory' } = this.#options;
    const { signal } = this.closing;
    await ready();
    if (signal.aborted) return;
    // The check needs ids, and the device id is not known yet, so pass placeholders.
    this.base = new URL(this.check('SessionClient', { userId: 'x', deviceId: 'x' }));
    const id = hash([this.base.href, apiKey, deviceId].join('\n')).toString(NAME_RADIX);
    const name = ['social-plus-auth', namespace ?? 'default', id].join(':');
    this.device = new Device(name, Boolean(namespace), deviceId);
    const report = (/** @type {string} */ detail) => this.report('storage', detail);
    this.#store = await createStore(storage, name, this.#timeoutMs, report);
    if (signal.aborted) return;
    this.#openMachine();
    this.device.listen(({ message, at = 0, shared, entry }) => {
      this.report('tab', MESSAGE_NAMES[message]);
      const received = unpack(entry);
      const record = received && this.registry.add(received);
      this.step(EVENT_MESSAGE, [message, at, ...shared], record);
    });
    this.#listenForWakes(name, signal);
  }

  #openMachine() {
    const flags =
      (this.device.isShared ? FLAG_SHARED : 0) |
      (this.#store.isPersistent ? 0 : FLAG_HANDS_OVER) |
      (host.isPerRequest ? 0 : FLAG_BACKGROUND);
    /** @type {SettingNumbers} */
    const settings = [
      this.#clock.now(),
      this.#clock.monotonic(),
      randomId(),
      hash(this.device.deviceId),
      this.#timeoutMs,
      flags,
    ];
    let handle = 0;
    glue.invoke(() => (handle = glue.openMachine()), settings);
    this.#machine = handle;
    this.#release = createRelease(handle);
    finalizers?.register(this, this.#release, this);
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   */
  #listenForWakes(name, signal) {
    if (!globalThis.document) return;
    for (const type of WAKE_EVENTS) {
      const wake = (/** @type {any} an Event or a StorageEvent */ { key }) => {
        if (type !== 'storage') this.step(EVENT_WAKE, [type === 'online' ? 1 : 0]);
        // A `storage` event reports every write of the origin, also of other apps.
        else if (key?.startsWith(name)) this.step(EVENT_STORAGE_CHANGED, [key === name ? 0 : 1]);
      };
      // A capturing listener of the window also gets the events of the document.
      globalThis.addEventListener(type, wake, { capture: true, signal });
    }
  }

  /**
   * Checks the inputs of a request for a session, and returns the service's base URL.
   *
   * @param {string} operation
   * @param {object} fields
   * @param {number} [kind]
   * @returns {string}
   */
  check(operation, fields, kind = SESSION_KIND_USER) {
    const request = { deviceId: this.device?.deviceId, ...fields };
    const { list } = readInput(operation, this.#options, request);
    const result = glue.invoke(glue.checkSessionRequest, list, kind);
    if (result.kind) throw new SocialPlusError({ ...result, operation });
    return result.value;
  }

  /**
   * Starts a login, or joins the login in flight.
   *
   * @param {Subject & { kind: number }} login the user, the display name and the credentials
   * @param {boolean} needsRequest
   */
  login(login, needsRequest) {
    const { kind, userId = '' } = login;
    const pending = this.#login;
    const isJoining = !needsRequest && pending?.kind === kind && pending.userId === login.userId;
    if (!isJoining) this.#login = login;
    const user = kind === SESSION_KIND_USER ? this.registry.userNumber(userId) : 0;
    const outcome = this.step(EVENT_LOGIN, [kind, user, needsRequest ? 1 : 0]);
    outcome.then(() => {
      if (this.#login === login) this.#login = undefined;
    });
    return outcome;
  }

  /**
   * Returns whether the app may get the token without a step. The token must stay valid for
   * `minValidityMs`, or for half of its lifetime if that is shorter.
   *
   * @param {number} minValidityMs
   */
  isFresh(minValidityMs) {
    const mono = this.#clock.monotonic();
    if (!(mono < this.#freshUntil) || this.state !== STATE_ESTABLISHED) return false;
    const drift = this.#clock.now() - mono - this.#skew;
    const validityMs = Math.min(minValidityMs, this.#maxValidityMs);
    return Math.abs(drift) < MAX_DRIFT_MS && mono + validityMs < this.#expiresAt;
  }

  isExpired() {
    return this.#clock.monotonic() >= this.#expiresAt;
  }

  /** The current session, or the last one if the service has ended it. */
  get session() {
    return this.current?.session ?? (this.state === STATE_TERMINATED ? this.#last : undefined);
  }

  /** The state at this moment: a token may have expired since the last step. */
  get stateNow() {
    const hasExpired = this.state === STATE_ESTABLISHED && !this.#isSuspected && this.isExpired();
    return hasExpired ? STATE_TOKEN_EXPIRED : this.state;
  }

  close() {
    if (this.closing.signal.aborted) return;
    this.step(EVENT_CLOSE);
    this.#freshUntil = 0;
    this.#timer.stop();
    this.closing.abort();
    this.device?.close();
    this.#release?.();
    finalizers?.unregister(this);
    this.#machine = undefined;
  }

  /**
   * Steps the machine. If the event is a call of the app, the promise resolves to its outcome.
   *
   * @param {number} event
   * @param {(number | string)[]} [args] the arguments of the event
   * @param {number[]} [record]
   * @returns {Promise<number>}
   */
  step(event, args = [], record = NO_RECORD) {
    if (this.#machine === undefined) return Promise.resolve(OUTCOME_CLOSED);
    const wall = this.#clock.now();
    const mono = this.#clock.monotonic();
    this.#skew = wall - mono;
    const shared = this.device.read();
    const values = [wall, mono, +this.device.isObsolete, ...shared, ...record, ...args];
    /** @type {Promise<number>} */
    let outcome = Promise.resolve(OUTCOME_CLOSED);
    for (const row of glue.invoke(glue.stepMachine, values, this.#machine, event) ?? []) {
      const [effect, ...numbers] = row;
      if (effect === EFFECT_WRITE_SHARED) this.device.write(numbers);
      else if (effect === EFFECT_REPLY) outcome = Promise.resolve(numbers[0]);
      else if (effect === EFFECT_WAIT) outcome = this.#wait(numbers[0]);
      // Update these fields before any listener runs, because listeners may read them.
      else if (effect === EFFECT_CURRENT) {
        this.current = this.registry.get(numbers[0]);
        this.#last = this.current?.session ?? this.#last;
      } else if (effect === EFFECT_VALIDITY) {
        let isSuspected;
        [this.#freshUntil, this.#expiresAt, this.#maxValidityMs, isSuspected] = numbers;
        this.#isSuspected = isSuspected > 0;
      } else this.#effects.push(row);
    }
    this.#carryOutEffects();
    return outcome;
  }

  /** Carries out the effects in order. A listener may step the machine, which adds effects. */
  #carryOutEffects() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      let row;
      while ((row = this.#effects.shift())) this.#carryOut(row);
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * Returns the promise that `EFFECT_SETTLE` resolves for a number, and creates it if needed.
   *
   * @param {number} number
   */
  #wait(number) {
    let wait = this.#waits.get(number);
    if (!wait) {
      /** @type {(outcome: number) => void} */
      let resolve = () => {};
      /** @type {Promise<number>} */
      const promise = new Promise((settle) => (resolve = settle));
      wait = { promise, resolve };
      this.#waits.set(number, wait);
      this.#timer.ref();
    }
    return wait.promise;
  }

  /**
   * Calls the app's `onEvent`, and ignores its errors.
   *
   * @param {DiagnosticEvent['type']} type
   * @param {string} [detail]
   */
  report(type, detail) {
    try {
      /** @type {any} */
      const event = { type, at: this.#clock.now(), detail };
      /** @type {any} */
      const result = this.#options.onEvent?.(event);
      result?.catch?.(() => {});
    } catch {
      // An error of the listener does not affect the client.
    }
  }

  /** @param {number[]} row an effect with its arguments: `EffectCode` in src/session/wire.rs */
  #carryOut([effect, a, b, c, d]) {
    const { device, registry } = this;
    switch (effect) {
      case EFFECT_STATE:
        this.state = a;
        if (a === STATE_NOT_LOGGED_IN) this.#last = this.current?.session;
        this.#emit(effect, b);
        break;
      case EFFECT_TIMER:
        if (!this.closing.signal.aborted) this.#timer.set(a, this.#waits.size > 0);
        break;
      case EFFECT_LOCK:
        device.lock(this.#timeoutMs, this.closing.signal, (isGranted) =>
          this.step(EVENT_LOCKED, [a, isGranted ? 1 : 0]),
        );
        break;
      case EFFECT_LOAD:
        this.#load(a);
        break;
      case EFFECT_SAVE:
        this.#save(a, b, c, d);
        break;
      case EFFECT_CLEAR:
        this.#saved = this.#store.clear();
        break;
      case EFFECT_BROADCAST:
        this.#broadcast(a, b, registry.get(c));
        break;
      case EFFECT_CREDENTIAL:
        // `b` tells whether this is a retry. It does not matter: each call gets a fresh credential.
        this.#service.getCredential(a, this.#getSubject(c));
        break;
      case EFFECT_CREATE_SESSION:
        this.#service.createSession(a, this.#getSubject(b));
        break;
      case EFFECT_ABORT:
        this.#service.abort(a);
        break;
      case EFFECT_VERIFY:
        this.#service.verify(a, this.#getEntry(b).session);
        break;
      case EFFECT_REVOKE:
        this.#service.revoke(a, this.#getEntry(a).session);
        break;
      case EFFECT_FORGET:
        registry.delete(a);
        break;
      case EFFECT_SETTLE:
        this.#waits.get(a)?.resolve(b);
        this.#waits.delete(a);
        break;
      case EFFECT_RENEWED:
        this.report('renewal', a ? 'by this tab' : 'by another tab');
        this.#emit(effect, a);
        break;
      case EFFECT_RENEWAL_FAILED:
        this.report('renewal', 'failed');
        this.#emit(effect, a);
        break;
    }
  }

  /**
   * Returns the entry of a session that an effect refers to. The machine has not forgotten the
   * session, so the entry exists.
   *
   * @param {number} id
   */
  #getEntry(id) {
    return /** @type {Entry} */ (this.registry.get(id));
  }

  /** @param {number} ticket */
  async #load(ticket) {
    const found = await this.#store.load();
    this.device.adoptId(found?.session.deviceId);
    this.step(EVENT_LOADED, [ticket], found && this.registry.add(found));
  }

  /**
   * @param {number} id
   * @param {number} epoch
   * @param {number} sequence
   * @param {number} clockOffset
   */
  #save(id, epoch, sequence, clockOffset) {
    const entry = Object.assign(this.#getEntry(id), { epoch, sequence, clockOffset });
    this.#saved = this.#store.save(entry);
  }

  /**
   * @param {number} message
   * @param {number} argument
   * @param {Entry} [entry]
   */
  async #broadcast(message, argument, entry) {
    // The other tabs may read storage as soon as the message arrives, so wait until the session is
    // saved.
    if (entry) await this.#saved;
    const packed = entry && (argument || !this.#store.isPersistent) ? pack(entry) : undefined;
    this.device.send({ message, at: argument, entry: packed });
  }

  /**
   * Returns the user for whom to request a session: for a renewal the current user, otherwise the
   * user of the login in flight.
   *
   * @param {number} isRenewal
   * @returns {Subject}
   */
  #getSubject(isRenewal) {
    if (!isRenewal) return this.#login ?? {};
    const session = this.current?.session;
    return session ? { kind: getKind(session), userId: session.userId } : {};
  }
}

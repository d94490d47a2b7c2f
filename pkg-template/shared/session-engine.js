// Carries out what the machine in src/session decides, and tells it what came of it. No rule of a
// session is in here. What passes between the two is numbers, so sessions and users have numbers
// here; their tokens stay on this side.
import { Device, hash, random } from './device.js';
import { SocialPlusError, fail } from './error.js';
import { host } from './host.js';
import { readInput } from './input.js';
import { keeper, pack, unpack } from './keep.js';
import { Service, kindOf } from './session-service.js';
import * as words from './session-words.js';
import { withAbort } from './abort.js';

/** What a tab wakes by, and where. Another tab's `storage` may come after its message. */
const WAKES = {
  visibilitychange: 'document',
  resume: 'document',
  online: 'globalThis',
  pageshow: 'globalThis',
  storage: 'globalThis',
};
/** How far wall time and monotonic time may run apart between two looks, in milliseconds. */
const MOST_DRIFT_MS = 60_000;
const MOST_TIMER_MS = 2 ** 31 - 1;

/** By itself, so that it holds nothing else. */
const freeing = (glue, place) => () => glue.closeMachine(place);
/** Machines of clients that were dropped, not closed. */
const dropped = globalThis.FinalizationRegistry && new FinalizationRegistry((close) => close());

export class Engine {
  state = 0;
  reason;
  held;
  /** The last error of a request. */
  error;
  base;
  device;
  closing = new AbortController();
  #calls;
  #options;
  #last;
  #clock;
  #emit;
  #timeoutMs;
  #opening;
  #machine;
  #tab;
  #free;
  #keeper;
  #saved;
  #entries = new Map();
  #count = 0;
  #users = [];
  #login;
  #service;
  #waits = new Map();
  #effects = [];
  #isBusy = false;
  #skew = 0;
  #fresh = 0;
  #expires = 0;
  #isSuspect = false;
  #timer;
  #rings;

  /** `calls`: those of the entry, with `glue` and `ready`; `emit` gets the events of the client. */
  constructor(calls, options, clock, emit) {
    this.#calls = calls;
    this.#options = options;
    this.#clock = clock;
    this.#emit = emit;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#service = new Service(this, calls, options, clock);
  }

  /** The machine, the device and what wakes it: nothing of it is touched before the first call. */
  async open() {
    if (!this.closing.signal.aborted) {
      await (this.#opening ??= withAbort('SessionClient', this.closing, this.#start()).catch(
        (error) => {
          this.#opening = undefined;
          throw error;
        },
      ));
    }
    if (this.#machine === undefined) fail('aborted', 'SessionClient', 'This client is closed.');
  }

  async #start() {
    const { namespace, deviceId, apiKey, storage = 'memory' } = this.#options;
    const { glue, ready } = this.#calls;
    const { signal } = this.closing;
    await ready();
    if (signal.aborted) return;
    const { url } = this.check('SessionClient', { userId: 'x' }, (list) =>
      glue.invoke(glue.createSession, list, 0),
    );
    this.base = new URL(url.slice(0, url.lastIndexOf('api/')));
    const name = [
      'social-plus-auth',
      namespace ?? 'default',
      hash([this.base.href, apiKey, deviceId].join('\n')).toString(36),
    ].join(':');
    const device = (this.device = new Device(name, namespace != null, deviceId));
    this.#keeper = await keeper(storage, name, this.#timeoutMs, (detail) =>
      this.report('storage', detail),
    );
    if (signal.aborted) return;
    const flags =
      (device.isShared ? 1 : 0) | (this.#keeper.isThere ? 0 : 2) | (host.isPerRequest ? 0 : 4);
    const tab = (this.#tab = parseInt(random(4), 16) || 1);
    let place;
    glue.invoke(
      () => (place = glue.openMachine()),
      [
        this.#clock.now(),
        this.#clock.monotonic(),
        tab,
        hash(device.deviceId),
        this.#timeoutMs,
        flags,
      ],
    );
    this.#machine = place;
    this.#free = freeing(glue, place);
    dropped?.register(this, this.#free, this);
    device.listen(({ message, at, entry }) => {
      this.report('tab', ['changed', 'ask', 'overtaken'][message]);
      this.step(words.HEARD, message, at, 0, ...this.numbers(unpack(entry)));
    });
    for (const [type, target] of Object.entries(globalThis.document ? WAKES : {})) {
      const wake = ({ key }) => {
        // `storage` tells of whatever the origin keeps.
        if (type !== 'storage' || key?.startsWith(name))
          this.step(words.WAKE, type === 'online' ? 1 : 0);
      };
      (target === 'document' ? document : globalThis).addEventListener(type, wake, { signal });
    }
  }

  /** What a session would be asked for with; throws for what that would be refused for. */
  check(operation, fields, make) {
    const request = { deviceId: this.device?.deviceId ?? 'x', ...fields };
    const said = make(readInput(operation, this.#options, request).list);
    if (said.kind) throw new SocialPlusError({ ...said, operation });
    return said;
  }

  /** A login begins, or joins one that is on its way; `login` is for whom and with what. */
  login(login, isAfresh) {
    const before = this.#login;
    const joins =
      before && !isAfresh && before.kind === login.kind && before.userId === login.userId;
    if (!joins) this.#login = login;
    const said = this.step(
      words.LOGIN,
      login.kind,
      login.kind ? 0 : this.#user(login.userId),
      isAfresh ? 1 : 0,
    );
    said.then(() => {
      if (this.#login === login) this.#login = undefined;
    });
    return said;
  }

  /** Whether the token may be handed out as it is, good for `ms`. */
  isFresh(ms) {
    const mono = this.#clock.monotonic();
    if (!(mono < this.#fresh) || this.state !== words.ESTABLISHED) return false;
    const { issuedAt, expiresAt } = this.held.session;
    const drift = this.#clock.now() - mono - this.#skew;
    return (
      Math.abs(drift) < MOST_DRIFT_MS &&
      mono + Math.min(ms, (expiresAt - issuedAt) / 2) < this.#expires
    );
  }

  isExpired() {
    return this.#clock.monotonic() >= this.#expires;
  }

  /** The session of who is signed in, or was until the service ended it. */
  get who() {
    return this.held?.session ?? (this.state === words.TERMINATED ? this.#last : undefined);
  }

  /** The state at this moment. */
  get stateNow() {
    return this.state === words.ESTABLISHED && !this.#isSuspect && this.isExpired()
      ? words.TOKEN_EXPIRED
      : this.state;
  }

  close() {
    if (this.closing.signal.aborted) return;
    const shared = this.device?.read();
    if (shared && shared[5] === this.#tab) {
      // Whoever waits for what this tab was about need not wait any longer; the request may still
      // arrive.
      this.device.write([...shared.slice(0, 4), 0, -1]);
      this.device.tell({ message: 0 });
    }
    this.#fresh = 0;
    this.#stop();
    this.closing.abort();
    this.device?.close();
    this.#free?.();
    dropped?.unregister(this);
    this.#machine = undefined;
    for (const { resolve } of this.#waits.values()) resolve(words.CLOSED);
  }

  /**
   * One step of the machine. Returns a promise of what the caller gets or waits for, if that is
   * anything.
   */
  step(event, ...numbers) {
    if (this.#machine === undefined) return Promise.resolve(words.CLOSED);
    const now = this.#clock.now();
    const mono = this.#clock.monotonic();
    this.#skew = now - mono;
    const given = [now, mono, ...this.device.read(), ...numbers];
    let said;
    for (const [effect, ...values] of this.#calls.glue.invoke(
      this.#calls.glue.stepMachine,
      given,
      this.#machine,
      event,
    )) {
      if (effect === words.SHARE) this.device.write(values);
      else if (effect === words.NOW) said = Promise.resolve(values[0]);
      else if (effect === words.WAIT) said = this.#wait(values[0]);
      // What getters read is known before any listener can ask.
      else if (effect === words.HOLD) {
        this.held = this.#entries.get(values[0]);
        this.#last = this.held?.session ?? this.#last;
      } else if (effect === words.FRESH) [this.#fresh, this.#expires, this.#isSuspect] = values;
      else this.#effects.push([effect, ...values]);
    }
    // A listener may call in the middle of an earlier step's effects: first things first.
    if (!this.#isBusy) {
      this.#isBusy = true;
      try {
        while (this.#effects.length) this.#do(...this.#effects.shift());
      } finally {
        this.#isBusy = false;
      }
    }
    return said;
  }

  /** The numbers of a session for the machine. The same token has the same number. */
  numbers(entry) {
    if (!entry) return [];
    const { epoch, number, offset, session } = entry;
    const known =
      [...this.#entries.values()].find((one) => one.session.accessToken === session.accessToken) ??
      entry;
    known.id ??= this.#count += 1;
    this.#entries.set(known.id, known);
    return [
      known.id,
      epoch,
      number,
      +session.issuedAt,
      +session.expiresAt,
      kindOf(session),
      this.#user(session.userId),
      offset,
    ];
  }

  #user(userId) {
    const known = this.#users.indexOf(userId);
    return known < 0 ? this.#users.push(userId) : known + 1;
  }

  #wait(number) {
    let wait = this.#waits.get(number);
    if (!wait) {
      wait = {};
      wait.promise = new Promise((resolve) => (wait.resolve = resolve));
      this.#waits.set(number, wait);
      // From now on the timer is waited for.
      this.#timer?.ref?.();
    }
    return wait.promise;
  }

  /** Tells the app's listener. */
  report(type, detail) {
    try {
      this.#options.onEvent?.({ type, at: this.#clock.now(), detail })?.catch?.(() => {});
    } catch {
      // The listener's own trouble.
    }
  }

  #do(effect, a, b, c, d) {
    const { device } = this;
    switch (effect) {
      case words.STATE:
        this.state = a;
        if (!a) this.#last = this.held?.session;
        this.#emit(words.STATE, b);
        break;
      case words.TIMER:
        this.#ring(a);
        break;
      case words.LOCK:
        device.lock(this.#timeoutMs, this.closing.signal, (isGranted) =>
          this.step(words.LOCKED, a, isGranted ? 1 : 0),
        );
        break;
      case words.FIND:
        this.#keeper.find().then((found) => {
          device.is(found?.session.deviceId);
          this.step(words.FOUND, a, 0, 0, ...this.numbers(found));
        });
        break;
      case words.SAVE: {
        const entry = Object.assign(this.#entries.get(a), { epoch: b, number: c, offset: d });
        this.#saved = this.#keeper.save(entry);
        break;
      }
      case words.CLEAR:
        this.#saved = this.#keeper.clear();
        break;
      case words.TELL:
        this.#tell(a, b, this.#entries.get(c));
        break;
      case words.PREPARE:
        this.#service.prepare(a, this.#about(c));
        break;
      case words.ASK:
        this.#service.ask(a, this.#about(b));
        break;
      case words.VERIFY:
        this.#service.verify(a, this.#entries.get(b).session);
        break;
      case words.REVOKE:
        this.#service.revoke(a, this.#entries.get(a).session);
        break;
      case words.FORGET:
        this.#entries.delete(a);
        break;
      case words.DONE:
        this.#waits.get(a)?.resolve(b);
        this.#waits.delete(a);
        break;
      case words.RENEWED:
        this.report('renewal', a ? 'by this tab' : 'by another tab');
        this.#emit(words.RENEWED, a > 0);
        break;
      default:
        this.report('renewal', 'failed');
        this.#emit(words.FAILED, a);
    }
  }

  #stop() {
    // Node keeps what belongs to a timer that is cleared while it is not referred to.
    this.#timer?.ref?.();
    this.#clock.clearTimeout(this.#timer);
  }

  #ring(at) {
    if (this.closing.signal.aborted) return;
    if (at === this.#rings) {
      // Whoever waited for it may wait no longer.
      if (!this.#waits.size) this.#timer?.unref?.();
      return;
    }
    this.#rings = at;
    this.#stop();
    if (at === Infinity || (host.isPerRequest && !this.#waits.size)) return;
    const ms = Math.min(Math.max(at - this.#clock.monotonic(), 0), MOST_TIMER_MS);
    this.#timer = this.#clock.setTimeout(() => {
      // It may have rung early, or at the end of what a timer takes: it is set again.
      this.#rings = undefined;
      this.step(words.TICK);
    }, ms);
    // What nobody waits for keeps no process alive.
    if (!this.#waits.size) this.#timer?.unref?.();
  }

  async #tell(message, at, entry) {
    // What the others will look for must be there.
    if (entry) await this.#saved;
    this.device?.tell({
      message,
      at,
      entry: entry && !this.#keeper.isThere ? pack(entry) : undefined,
    });
  }

  /** Who a session is for; nobody if that one is gone, and then nobody waits for the answer. */
  #about(renews) {
    if (!renews) return this.#login ?? {};
    const { session } = this.held ?? {};
    return session ? { kind: kindOf(session), userId: session.userId } : {};
  }
}

// Calls every public function of every entry of the packed package with valid arguments, valid
// arguments with faults, and junk. A call may succeed or fail with a SocialPlusError. It must not
// fail otherwise, show a secret in its error, or stay pending. Runs on every engine.
import { createShapes, EMULATOR_OPTIONS, EMULATOR_SHAPES } from './shapes.mjs';
import { CANARY, Chance, create, createJunk } from './values.mjs';

const MAX_PENDING = 500;
/** How many executions use one emulator. */
const EXECUTIONS_PER_EMULATOR = 500;
/** Far longer than all timeouts and retries of a call together. */
const MAX_SETTLE_MS = 120_000;
const MAX_DETAIL_LENGTH = 400;

/** Returns all texts of an error. */
export const describe = (error) => {
  try {
    const { stack, message } = error;
    return [String(error), message, stack, JSON.stringify(error)].join(' ');
  } catch {
    return `a value whose fields cannot be read (${typeof error})`;
  }
};

const createArguments = (chance, shapes, faults) => {
  const made = shapes.map((shape) => create(chance, shape, faults));
  if (faults && chance.oneIn(30)) made.pop();
  return made;
};

const createRequest = (chance) => {
  const origin = chance.pick([undefined, 'https://app.test', 'null', 'https://service.test']);
  const headers = new Headers({ 'content-type': chance.pick(['application/json', 'text/plain']) });
  if (origin) headers.set('origin', origin);
  if (chance.oneIn(2))
    headers.set('sec-fetch-site', chance.pick(['same-origin', 'cross-site', 'x']));
  const route = chance.pick(['token', 'session', 'visitor', 'x', '..', '%2e%2e/token']);
  return new Request(`https://service.test/auth/${route}`, {
    method: chance.pick(['POST', 'POST', 'OPTIONS', 'PUT']),
    headers,
    body: chance.pick([
      undefined,
      '{}',
      '{"deviceId":"d"}',
      '[',
      '{"userId":"eve"}',
      'x'.repeat(2e4),
    ]),
  });
};

/** Makes the calls of one run, and checks their outcomes. */
export class Fuzzer {
  /** How often each function was called. */
  counts = {};
  #browser;
  #edge;
  #emulator;
  #seed;
  #report;
  #pending = new Map();
  /** The emulator that the calls use at present. */
  #service;
  #shapes;

  /**
   * @param entries - The modules of the three entries: `browser`, `edge` and `emulator`.
   * @param seed - The seed from which all arguments are drawn.
   * @param report - Takes a violation: what happened, in which function, in which execution, and
   *   details.
   */
  constructor({ browser, edge, emulator }, seed, report) {
    this.#browser = browser;
    this.#edge = edge;
    this.#emulator = emulator;
    this.#seed = seed;
    this.#report = report;
  }

  /** Makes the calls of one execution. The same seed and execution make the same calls. */
  async execute(execution) {
    if (execution % EXECUTIONS_PER_EMULATOR === 0 || !this.#service) {
      this.#service = await this.#emulator.createEmulator({ seed: execution });
      this.#shapes = createShapes(this.#service);
    }
    const chance = new Chance(this.#seed * 1e9 + execution);
    // One execution in three has no junk, so that valid calls are common.
    const faults = chance.pick([0, 6, 20]);
    const { calls } = this.#shapes;
    const name = chance.pick([...Object.keys(calls), 'client', 'client', 'handler', 'emulator']);
    if (name === 'client') this.#callClient(chance, faults, execution);
    else if (name === 'handler') this.#callHandler(chance, faults, execution);
    else if (name === 'emulator') await this.#callEmulator(chance, faults, execution);
    else this.#callFunction(name, chance, faults, execution);
    if (this.#pending.size > MAX_PENDING) await Promise.race(this.#pending.keys());
  }

  /** Reports the functions that were never called, and waits until every call has settled. */
  async finish() {
    const known = ['SocialPlusError', 'version', 'SessionClient', 'createAuthHandler'];
    for (const name of [...Object.keys(this.#browser), ...Object.keys(this.#edge)])
      if (!known.includes(name) && !this.counts[name]) this.#report('was never called', name, 0);
    await this.settle();
  }

  /** Waits until every call has settled. */
  async settle() {
    let timer;
    const limit = new Promise((resolve) => (timer = setTimeout(resolve, MAX_SETTLE_MS)));
    await Promise.race([limit, Promise.all(this.#pending.keys())]);
    clearTimeout(timer);
    for (const call of this.#pending.values()) this.#report('stays pending', call, '?');
  }

  #callFunction(name, chance, faults, execution) {
    const { SocialPlusError } = this.#browser;
    const call = this.#edge[name] ?? this.#browser[name];
    const both = this.#browser[name] && chance.oneIn(2) ? this.#browser[name] : call;
    const given = createArguments(chance, this.#shapes.calls[name], faults);
    this.#check(name, execution, () => both(...given));
    this.#check('SocialPlusError.is', execution, () => SocialPlusError.is(createJunk(chance)));
  }

  #callClient(chance, faults, execution) {
    const { SessionClient } = this.#browser;
    const { client: shape, methods } = this.#shapes;
    const options = create(chance, shape, faults);
    const client = this.#check('new SessionClient', execution, () => new SessionClient(options));
    if (!client) return;
    for (let left = 1 + chance.below(4); left > 0; left -= 1) {
      const name = chance.pick(Object.keys(methods));
      const given = createArguments(chance, methods[name], faults);
      const result = this.#check(`client.${name}`, execution, () => client[name](...given));
      if (name === 'states' && result)
        this.#check('states.next', execution, () => result.next().then(() => result.return?.()));
    }
    this.#check('client.close', execution, () => client.close());
  }

  #callHandler(chance, faults, execution) {
    const { createAuthHandler } = this.#edge;
    const options = create(chance, this.#shapes.handler, faults);
    const handler = this.#check('createAuthHandler', execution, () => createAuthHandler(options));
    if (typeof handler !== 'function') return;
    this.#check('the handler', execution, () => handler(createRequest(chance), createJunk(chance)));
  }

  async #callEmulator(chance, faults, execution) {
    const { createEmulator, listen } = this.#emulator;
    if (chance.oneIn(20)) {
      const options = create(chance, EMULATOR_OPTIONS, faults);
      this.#check('createEmulator', execution, () => createEmulator(options));
    }
    if (chance.oneIn(100)) {
      const options = create(chance, { port: [0], hostname: ['127.0.0.1', '::1'] }, faults);
      const listening = this.#check('listen', execution, () =>
        listen(chance.oneIn(4) ? createJunk(chance) : this.#service, options),
      );
      listening?.then(
        (server) => server.close(),
        () => {},
      );
    }
    const path = chance.pick(Object.keys(EMULATOR_SHAPES));
    const given = createArguments(chance, EMULATOR_SHAPES[path], faults);
    const names = path.split('.');
    const owner = names.length > 1 ? this.#service[names[0]] : this.#service;
    this.#check(`emulator.${path}`, execution, () => owner[names.at(-1)](...given));
  }

  /** Calls `run`, counts the call and checks its outcome. Does not wait for a promise. */
  #check(name, execution, run) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    let result;
    try {
      result = run();
    } catch (error) {
      this.#checkError(error, name, execution);
      return undefined;
    }
    if (!(result instanceof Promise)) return result;
    const settled = result.then(
      () => this.#pending.delete(settled),
      (error) => {
        this.#pending.delete(settled);
        this.#checkError(error, name, execution);
      },
    );
    this.#pending.set(settled, `${name} ${execution}`);
    return result;
  }

  #checkError(error, name, execution) {
    const text = describe(error);
    const detail = text.slice(0, MAX_DETAIL_LENGTH);
    if (!this.#browser.SocialPlusError.is(error))
      this.#report('fails with another error', name, execution, detail);
    else if (text.includes(CANARY)) this.#report('shows a secret', name, execution, detail);
  }
}

/** Counts the violations of a run, and prints the first of them. */
export class Violations {
  count = 0;
  #seed;
  #print;

  constructor(seed, print) {
    this.#seed = seed;
    this.#print = print;
  }

  add(what, name, execution, detail = '') {
    this.count += 1;
    if (this.count > 20) return;
    const rerun = `FUZZ_SEED=${this.#seed} FUZZ_ONLY=${execution}`;
    this.#print(`VIOLATION in ${name}, ${rerun}: ${what} ${detail}`);
  }

  /** Prints how often each function was called, and the result of the run. */
  conclude(counts) {
    const calls = Object.values(counts).reduce((sum, count) => sum + count, 0);
    this.#print(JSON.stringify(counts));
    this.#print(`${calls} calls of ${Object.keys(counts).length} functions`);
    this.#print(`${this.count ? 0 : 1} passed, ${this.count} failed`);
  }
}

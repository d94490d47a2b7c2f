// Generates arguments from a seed: valid ones, valid ones with a fault, and junk.

/** The generator of a run. The same seed draws the same values. */
export class Chance {
  #state;

  constructor(seed) {
    this.#state = BigInt.asUintN(64, BigInt(seed));
  }

  /** Draws a whole number below `limit` (splitmix64). */
  below(limit) {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) % BigInt(limit));
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  /** Returns true in one of `count` cases. */
  oneIn(count) {
    return this.below(count) === 0;
  }
}

/** A text that no error, event or log may contain. */
export const CANARY = 'canary-0123456789abcdef-canary';

const throwCanary = () => {
  throw new Error(CANARY);
};

const createRevoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const throwingProxy = () =>
  new Proxy(
    {},
    { get: throwCanary, has: throwCanary, ownKeys: throwCanary, getPrototypeOf: throwCanary },
  );

const createCycle = () => {
  const cycle = { list: [] };
  cycle.list.push(cycle);
  return cycle;
};

/** Functions that create values of no field. */
const JUNK = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => NaN,
  () => Infinity,
  () => 2 ** 53,
  () => 1n,
  () => '',
  () => ' ',
  () => CANARY,
  () => `${CANARY}\r\nx: y`,
  () => '\ud800',
  () => '\u202e\0\u{e0041}',
  () => '__proto__',
  () => '..',
  () => 'x'.repeat(5000),
  () => Symbol(CANARY),
  () => ({}),
  () => [],
  () => [null],
  () => () => CANARY,
  () => throwCanary,
  () => Promise.resolve(CANARY),
  () => Object.create(null),
  () => new Date(NaN),
  () => new Date(0),
  () => new Map(),
  () => new Uint8Array(3),
  () => new ArrayBuffer(2),
  () => new URL(`https://user:${CANARY}@a.test/`),
  () => AbortSignal.abort(new Error(CANARY)),
  () => new AbortController().signal,
  () => ({ aborted: false }),
  () => ({ aborted: false, addEventListener: throwCanary }),
  () => ({ toString: throwCanary }),
  () => ({ toJSON: throwCanary }),
  () => ({ valueOf: () => CANARY }),
  () => ({ then: throwCanary }),
  () => ({ then: (resolve) => resolve(CANARY) }),
  () => Object.defineProperty({}, 'userId', { get: throwCanary, enumerable: true }),
  () => Object.freeze({ userId: 'ada', deviceId: 'd' }),
  createRevoked,
  throwingProxy,
  createCycle,
  () => class {},
  () => new (class extends Array {})(),
  () => new Error(CANARY),
  () => /x/g,
  () => new String('eu'),
  () => globalThis,
];

export const createJunk = (chance) => chance.pick(JUNK)();

/**
 * Creates a value of a shape. A shape is a list of alternatives, a function of the chance, an
 * object whose fields are shapes, or a value. `faults` says in one of how many cases a part is
 * junk.
 */
export const create = (chance, shape, faults) => {
  if (faults && chance.oneIn(faults)) return createJunk(chance);
  if (Array.isArray(shape)) return create(chance, chance.pick(shape), 0);
  if (typeof shape === 'function') return shape(chance);
  if (typeof shape !== 'object' || shape === null) return shape;
  const made = {};
  for (const [name, part] of Object.entries(shape))
    if (!faults || !chance.oneIn(8)) made[name] = create(chance, part, faults);
  if (faults && chance.oneIn(20)) made[chance.pick(['x', '__proto__', 'constructor', 'then'])] = 1;
  return made;
};

/** Runs `execute` until the limit of the environment is reached. Returns how often it ran. */
export const repeat = async (defaultExecutions, execute) => {
  const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
  const executions = seconds ? Infinity : Number(process.env.FUZZ_EXECUTIONS ?? defaultExecutions);
  const end = Date.now() + seconds * 1000;
  let count = 0;
  while (count < executions && (!seconds || Date.now() < end)) {
    await execute(count);
    count += 1;
  }
  return count;
};

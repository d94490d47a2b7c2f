// A seeded generator of random numbers. Episodes with the same seed draw the same acts.

/** Creates a generator (mulberry32). */
export const createRandom = (seed) => {
  let state = seed >>> 0;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return {
    below,
    chance: (probability) => next() < probability,
    between: (min, max) => Math.round(min + next() * (max - min)),
    pick: (list) => list[below(list.length)],
    /** Picks the value of one of the `[weight, value]` pairs. The weights are integers. */
    pickWeighted(list) {
      let left = below(list.reduce((sum, [weight]) => sum + weight, 0));
      return list.find(([weight]) => (left -= weight) < 0)[1];
    },
  };
};

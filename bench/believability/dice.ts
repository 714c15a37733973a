/** A repeatable source of chance: the same seed throws the same numbers. */
export interface Dice {
  /** Evenly spread over [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  between(low: number, high: number): number;
  /** Evenly spread in its logarithm. */
  logBetween(low: number, high: number): number;
  normal(mean: number, deviation: number): number;
  exponential(mean: number): number;
  one<T>(items: readonly T[]): T;
  /** `count` different entries, or all of them in another order when there are fewer. */
  some<T>(items: readonly T[], count: number): T[];
  /** A source of its own, so that one part drawing more leaves the others as they were. */
  fork(label: string): Dice;
}

/** Dice by splitmix32 over a seed. */
export function diceOf(seed: number): Dice {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const between = (low: number, high: number) => low + next() * (high - low);
  const one = <T>(items: readonly T[]): T => {
    const found = items.at(Math.floor(next() * items.length));
    if (found === undefined) throw new Error("Nothing to choose from.");
    return found;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    whole,
    between,
    logBetween: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    one,
    some: (items, count) => {
      const left = [...items];
      const taken: (typeof left)[number][] = [];
      while (taken.length < count && left.length > 0) taken.push(...left.splice(whole(0, left.length - 1), 1));
      return taken;
    },
    fork: (label) => diceOf(hashOf(`${seed}/${label}`)),
  };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

import type { Random } from "../random";

/** A small deterministic generator (xorshift), so that a failing seed can be repeated. */
export function seeded(seed: number): Random {
  let state = (seed * 2654435761 + 88675123) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

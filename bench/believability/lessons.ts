import type { Listed } from "./listing";
import { factsOf } from "./questions-attributes";
import { wordsOf } from "./words-of";

/** How often a fact was seen in decoys and in real objects. */
export class Tally {
  private readonly decoys = new Map<string, number>();
  private readonly real = new Map<string, number>();
  private decoyCount = 0;
  private realCount = 0;

  /** Takes in one object; `attributes` says whether more than its name is known. */
  add(object: Listed, isDecoy: boolean, attributes: boolean): void {
    const counts = isDecoy ? this.decoys : this.real;
    const facts = wordsOf(object.name).map((word) => `word ${word}`);
    if (attributes) facts.push(...factsOf(object));
    for (const fact of new Set(facts)) counts.set(fact, (counts.get(fact) ?? 0) + 1);
    if (isDecoy) this.decoyCount++;
    else this.realCount++;
  }

  /** Log odds that what has the fact is a decoy, drawn to zero while little was seen. */
  static weights(tallies: readonly Tally[]): (fact: string) => number {
    const decoys = merged(tallies.map((tally) => tally.decoys));
    const real = merged(tallies.map((tally) => tally.real));
    const decoyCount = tallies.reduce((sum, tally) => sum + tally.decoyCount, 0);
    const realCount = tallies.reduce((sum, tally) => sum + tally.realCount, 0);
    const share = decoyCount / Math.max(1, decoyCount + realCount);
    const known = 4;
    return (fact) => {
      const seen = (decoys.get(fact) ?? 0) + known * share;
      const other = (real.get(fact) ?? 0) + known * (1 - share);
      return Math.log((seen / other) * ((1 - share) / share));
    };
  }
}

function merged(all: readonly Map<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const counts of all) for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}

import type { Listed } from "./listing";
import { factsOf } from "./questions-attributes";
import { wordsOf } from "./words-of";

/** How often a fact was seen in decoys and in real objects. */
export class Tally {
  private readonly decoys = new Map<string, number>();
  private readonly real = new Map<string, number>();
  private decoyCount = 0;
  private realCount = 0;

  /** Takes in one object: the words of its name, and what it carries. */
  add(object: Listed, isDecoy: boolean): void {
    const counts = isDecoy ? this.decoys : this.real;
    const facts = [...wordsOf(object.name).map((word) => `word ${word}`), ...factsOf(object)];
    for (const fact of new Set(facts)) counts.set(fact, (counts.get(fact) ?? 0) + 1);
    if (isDecoy) this.decoyCount++;
    else this.realCount++;
  }

  /** What several tallies saw together. */
  static sum(tallies: readonly Tally[]): Tally {
    const all = new Tally();
    for (const tally of tallies) {
      addTo(all.decoys, tally.decoys);
      addTo(all.real, tally.real);
      all.decoyCount += tally.decoyCount;
      all.realCount += tally.realCount;
    }
    return all;
  }

  /** Log odds that what has the fact is a decoy, drawn to zero while little was seen. */
  static weights(tallies: readonly Tally[]): (fact: string) => number {
    const { decoys, real, decoyCount, realCount } = Tally.sum(tallies);
    const share = decoyCount / Math.max(1, decoyCount + realCount);
    const known = 4;
    return (fact) => {
      const seen = (decoys.get(fact) ?? 0) + known * share;
      const other = (real.get(fact) ?? 0) + known * (1 - share);
      return Math.log((seen / other) * ((1 - share) / share));
    };
  }
}

function addTo(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
}

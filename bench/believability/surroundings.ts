import { birthOf, type Estate, isListed, type Vault } from "./life";
import type { Surroundings } from "./view";
import { wordsOf } from "./words-of";

/** What the rest of an estate looks like on `day` to somebody who stands in `vault`. */
export function surroundingsOf(estate: Estate, vault: Vault, day: number): Surroundings {
  const vaultsWith = new Map<string, number>();
  const times = new Map<string, number>();
  const team = new Map<string, number>();
  const names = new Map<string, number>();
  const types = new Map<string, number>();
  const tagKeys = new Map<string, number>();
  const births: number[] = [];
  const loneBirths: number[] = [];
  const oddBirths: number[] = [];
  for (const other of estate.vaults) {
    if (other === vault) continue;
    const there = other.items.filter((item) => isListed(item, day));
    const here = new Map<string, number>();
    const born = there.map(birthOf).sort((a, b) => a - b);
    for (const item of there) {
      count(names, item.name);
      count(types, item.contentType ?? "");
      for (const key of Object.keys(item.tags ?? {})) count(tagKeys, key);
      for (const word of wordsOf(item.name)) count(here, word);
    }
    for (const [word, often] of here) {
      count(vaultsWith, word);
      times.set(word, (times.get(word) ?? 0) + often);
      if (other.team === vault.team) count(team, word);
    }
    births.push(...born);
    born.forEach((at, index) => {
      if (at - (born[index - 1] ?? -9999) > 1 && (born[index + 1] ?? 9999) - at > 1) loneBirths.push(at);
    });
    oddBirths.push(...there.filter(({ name }) => wordsOf(name).some((word) => here.get(word) === 1)).map(birthOf));
  }
  const found = (counts: Map<string, number>) => (key: string) => counts.get(key) ?? 0;
  return {
    word: (word) => ({ vaults: vaultsWith.get(word) ?? 0, times: times.get(word) ?? 0 }),
    teamWord: found(team),
    name: found(names),
    type: found(types),
    tagKey: found(tagKeys),
    births: Float64Array.from(births).sort(),
    loneBirths: Float64Array.from(loneBirths).sort(),
    oddBirths: Float64Array.from(oddBirths).sort(),
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

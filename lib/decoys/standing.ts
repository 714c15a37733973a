/** A name as somebody sees it who compares it with others. */
interface Looks {
  length: number;
  words: readonly string[];
  /** Runs of three letters, each once. */
  triples: readonly string[];
}

type Counts = ReadonlyMap<string, number>;

/** In how many names of a vault something occurs, and in how many of its siblings' a word. */
interface Known {
  words: Counts;
  firsts: Counts;
  lasts: Counts;
  triples: Counts;
  siblings: Counts;
}

/**
 * Says in how many regards a name stands beyond every name of its vault: longer, shorter, with fewer of their letters and
 * words, with a first or a last word that fewer have, all of words that siblings use oftener. Of n + 1 names each is the
 * outermost with one chance in n + 1; who looks for decoys looks there first.
 *
 * @param live the vault's names, at least one
 * @param wordsOf the words of a name, in lower case
 */
export function standingAmong(
  live: readonly string[],
  siblings: readonly string[],
  wordsOf: (name: string) => readonly string[],
): (name: string) => number {
  const looksOf = (name: string) => ({ length: name.length, words: wordsOf(name), triples: triplesOf(name) });
  const all = live.map(looksOf);
  const known = {
    words: countsOf(all.map(({ words }) => words)),
    firsts: countsOf(all.map(({ words }) => words.slice(0, 1))),
    lasts: countsOf(all.map(({ words }) => words.slice(-1))),
    triples: countsOf(all.map(({ triples }) => triples)),
    siblings: countsOf(siblings.map(wordsOf)),
  };
  const theirs = all.map((looks) => regardsOf(looks, known, 1));
  return (name) =>
    regardsOf(looksOf(name), known, 0).filter((regard, index) => theirs.every((other) => regard > (other[index] ?? 0)))
      .length;
}

/** Figures that are the greater the more a name stands out; `counted` is 1 for a name that is among the known. */
function regardsOf({ length, words, triples }: Looks, known: Known, counted: 0 | 1): readonly number[] {
  const others = (counts: Counts, key = "") => (counts.get(key) ?? 0) - counted;
  return [
    length,
    -length,
    -triples.filter((triple) => others(known.triples, triple) > 0).length / triples.length,
    -words.reduce((sum, word) => sum + others(known.words, word), 0) / Math.max(1, words.length),
    -others(known.firsts, words[0]),
    -others(known.lasts, words.at(-1)),
    Math.min(...words.map((word) => known.siblings.get(word) ?? 0)),
  ];
}

function triplesOf(name: string): readonly string[] {
  const lower = name.toLowerCase();
  return [...new Set(Array.from({ length: Math.max(1, lower.length - 2) }, (_, at) => lower.slice(at, at + 3)))];
}

function countsOf(lists: readonly (readonly string[])[]): Counts {
  const counts = new Map<string, number>();
  for (const list of lists) for (const each of new Set(list)) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

/** Shortest and longest part that is taken for a word where words are run together. */
const SHORTEST_WORD = 3;
const LONGEST_WORD = 15;
/** What a letter of a word costs that is not known yet, in nats: a little less than a letter drawn at random. */
const LETTER = 2.3;
/** Rounds of cutting and counting; the cuts no longer change after these. */
const ROUNDS = 5;

/**
 * Learns to cut words that are run together, from the texts alone and from words that are written apart elsewhere: the
 * cuts under which all texts are spelt with the fewest and commonest words (minimum description length, found by Viterbi
 * over a unigram lexicon). What is said once may be a word, what comes back probably is.
 *
 * @param texts letters only, lower case
 * @param known words that are written apart elsewhere, with how often
 */
function cutterFor(texts: readonly string[], known: ReadonlyMap<string, number>): (text: string) => readonly string[] {
  let counts: ReadonlyMap<string, number> = withKnown(repeatedIn(texts), known);
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  for (let round = 0; round < ROUNDS; round++) {
    const cost = costsOf(counts, known);
    const next = new Map<string, number>();
    for (const [text, count] of times)
      for (const word of cheapest(text, cost)) next.set(word, (next.get(word) ?? 0) + count);
    counts = withKnown(next, known);
  }
  const cost = costsOf(counts, known);
  return (text) => cheapest(text, cost);
}

/** Texts of which so many begin or end alike share a convention. */
const CONVENTION = 0.8;

/**
 * `cutterFor` for the texts of one vault, of which nearly all may begin or end with the same: that is told apart first,
 * since what never stands without it would be taken for one word with it.
 */
export function cutterAmong(
  own: readonly string[],
  others: readonly string[],
  known: ReadonlyMap<string, number>,
): (text: string) => readonly string[] {
  const start = sharedStart(own);
  const end = reversed(sharedStart(own.map(reversed)));
  const core = (text: string) => {
    const from = text.startsWith(start) && text.length >= start.length + SHORTEST_WORD ? start.length : 0;
    const until = text.endsWith(end) && text.length >= from + end.length + SHORTEST_WORD ? end.length : 0;
    return { from, until: text.length - until };
  };
  const inner = (text: string) => text.slice(core(text).from, core(text).until);
  const cut = cutterFor([...own.map(inner), ...others], known);
  return (text) => {
    const { from, until } = core(text);
    return [text.slice(0, from), ...cut(text.slice(from, until)), text.slice(until)].filter((part) => part !== "");
  };
}

function sharedStart(texts: readonly string[]): string {
  let shared = "";
  for (;;) {
    const counts = new Map<string, number>();
    for (const text of texts) {
      const longer = text.slice(0, shared.length + 1);
      if (longer.length > shared.length && text.startsWith(shared)) counts.set(longer, (counts.get(longer) ?? 0) + 1);
    }
    const [longer, count] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ["", 0]);
    if (count < 3 || count < texts.length * CONVENTION) return shared.length < SHORTEST_WORD ? "" : shared;
    shared = longer;
  }
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}

/** Parts that several texts have, with in how many they are. */
function repeatedIn(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of new Set(texts)) {
    const parts = new Set<string>();
    for (let start = 0; start <= text.length - SHORTEST_WORD; start++) {
      const longest = Math.min(text.length, start + LONGEST_WORD);
      for (let end = start + SHORTEST_WORD; end <= longest; end++) parts.add(text.slice(start, end));
    }
    for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  for (const [part, count] of counts) if (count < 2) counts.delete(part);
  return counts;
}

function withKnown(counts: Map<string, number>, known: ReadonlyMap<string, number>): Map<string, number> {
  for (const [word, count] of known) counts.set(word, (counts.get(word) ?? 0) + count);
  return counts;
}

/** What a word costs in nats: how rare it is, and its spelling, shared among its uses, unless that is known. */
function costsOf(counts: ReadonlyMap<string, number>, known: ReadonlyMap<string, number>): (word: string) => number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 1);
  const costs = new Map<string, number>();
  for (const [word, count] of counts) {
    const spelling = known.has(word) ? 0 : (word.length * LETTER) / Math.max(1, count);
    costs.set(word, Math.log(total / Math.max(1, count)) + spelling);
  }
  const once = Math.log(total);
  return (word) => costs.get(word) ?? once + word.length * LETTER;
}

/** The cut of least cost. */
function cheapest(text: string, cost: (word: string) => number): string[] {
  const best: { cost: number; start: number }[] = [{ cost: 0, start: 0 }];
  for (let end = 1; end <= text.length; end++) {
    let found = { cost: Number.POSITIVE_INFINITY, start: 0 };
    for (let start = 0; start <= end - SHORTEST_WORD; start++) {
      const before = best[start]?.cost ?? Number.POSITIVE_INFINITY;
      if (before === Number.POSITIVE_INFINITY) continue;
      const sum = before + cost(text.slice(start, end));
      if (sum < found.cost) found = { cost: sum, start };
    }
    best[end] = found;
  }
  const words: string[] = [];
  for (let end = text.length; end > 0; end = best[end]?.start ?? 0) words.unshift(text.slice(best[end]?.start, end));
  return words;
}

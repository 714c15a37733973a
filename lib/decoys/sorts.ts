import { isNumber, lowerOf, type Piece } from "./pieces";

/*
 * What the words of names do, learnt from many names at once: a subject, the sort of thing that it is, and now and then
 * something further before or after them. A word mostly does one service, and of the ways to read all names that one is the
 * likeliest in which the words do (expectation maximisation, as for mixtures).
 */

/** Where in a name its sort stands, as places among its words without numbers. */
export interface SortPlace {
  start: number;
  end: number;
  /** Where its subject stands; undefined when it has none. */
  subject: number | undefined;
  /** How often names were read with this sort: below two it is little more than a guess. */
  seen: number;
}

export interface Words {
  /** The likeliest reading; undefined for a name without words. */
  placeIn: (words: readonly string[], sortsFirst: boolean) => SortPlace | undefined;
  /** For each list of names, whether they begin with the sort, as `password-orders`. */
  sortsFirst: readonly boolean[];
  /** In how many names, about, the word is a sort and anything else. */
  asSort: (word: string) => { sort: number; else: number };
}

/** How often a name has a further word after the sort, each one before the subject, no subject, a sort of two words. */
const USUAL = { after: 0.15, before: 0.2, bare: 0.005, double: 0.15 };
/** What no name has shown yet is as likely as one of so many words. */
const UNKNOWN = { sort: 1 / 60, subject: 1 / 300, further: 1 / 100 };
/** The same for a sort of two words. */
const UNKNOWN_DOUBLE = UNKNOWN.sort * UNKNOWN.further;
/** How much that counts beside what names show, in names. */
const DOUBT = 3;
const ROUNDS = 8;
/** Few vaults begin with the sort, so that it takes more to believe it (a logarithm of chances). */
const SELDOM = 4;

/** A number for each word and each sort: names are read so often that looking words up would be most of the work. */
class Numbering {
  private readonly numbers = new Map<string, number>();

  of(word: string): number {
    const known = this.numbers.get(word);
    if (known !== undefined) return known;
    const next = this.numbers.size;
    this.numbers.set(word, next);
    return next;
  }

  get size(): number {
    return this.numbers.size;
  }
}

/** Sums of weights by the word's number; one that came to the numbering later has none. */
class Counts {
  private readonly counts: Float64Array;
  private total = 0;

  constructor(size: number) {
    this.counts = new Float64Array(size);
  }

  add(word: number, weight: number): void {
    this.counts[word] = this.of(word) + weight;
    this.total += weight;
  }

  of(word: number): number {
    return this.counts[word] ?? 0;
  }

  chance(word: number, unknown: number): number {
    return (this.of(word) + DOUBT * unknown) / (this.total + DOUBT);
  }
}

type Services = Record<keyof typeof UNKNOWN, Counts>;
type Way = Omit<SortPlace, "seen"> & { prior: number };

/** A way to read a name, with what each of its words does then, by their numbers; the words of a sort are one. */
interface Read {
  way: Way;
  sort: number;
  unknownSort: number;
  subject: number | undefined;
  further: readonly number[];
}

/** Learns from the names of several vaults, a list of words for each name, what is the same in all of a vault left out. */
export function learnWords(vaults: readonly (readonly (readonly string[])[])[]): Words {
  const numbers = new Numbering();
  const readings = vaults.map((names) => ({
    last: names.map((words) => readsOf(words, false, numbers)),
    first: names.map((words) => readsOf(words, true, numbers)),
  }));
  let known: Services | undefined;
  let sortsFirst = vaults.map(beginsAlike);
  for (let round = 0; round < ROUNDS; round++) {
    const next = nothing(numbers);
    readings.forEach(({ first, last }, index) => {
      for (const reads of sortsFirst[index] === true ? first : last) count(reads, known, next);
    });
    known = next;
    const learnt = next;
    if (round === 1 || round === 4) {
      sortsFirst = readings.map(({ first, last }) => likelihood(first, learnt) > likelihood(last, learnt) + SELDOM);
    }
  }
  const learnt = known ?? nothing(numbers);
  return {
    sortsFirst,
    placeIn: (words, first) => {
      const best = readsOf(words, first, numbers)
        .map((read) => ({ read, chance: chanceOf(read, learnt) }))
        .reduce<{ read: Read; chance: number } | undefined>((a, b) => (a && a.chance >= b.chance ? a : b), undefined);
      if (best === undefined) return undefined;
      const { start, end, subject } = best.read.way;
      return { start, end, subject, seen: learnt.sort.of(best.read.sort) };
    },
    asSort: (word) => {
      const number = numbers.of(word);
      return { sort: learnt.sort.of(number), else: learnt.subject.of(number) + learnt.further.of(number) };
    },
  };
}

function nothing({ size }: Numbering): Services {
  return { sort: new Counts(size), subject: new Counts(size), further: new Counts(size) };
}

/** Adds a name's words to what they do, as likely as each way to read it is. */
function count(reads: readonly Read[], known: Services | undefined, next: Services): void {
  const chances = reads.map((read) => (known ? chanceOf(read, known) : read.way.prior));
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  reads.forEach(({ sort, subject, further }, index) => {
    const weight = (chances[index] ?? 0) / total;
    next.sort.add(sort, weight);
    if (subject !== undefined) next.subject.add(subject, weight);
    for (const word of further) next.further.add(word, weight);
  });
}

function chanceOf({ way, sort, unknownSort, subject, further }: Read, known: Services): number {
  let chance = way.prior * known.sort.chance(sort, unknownSort);
  if (subject !== undefined) chance *= known.subject.chance(subject, UNKNOWN.subject);
  for (const word of further) chance *= known.further.chance(word, UNKNOWN.further);
  return chance;
}

function likelihood(names: readonly (readonly Read[])[], known: Services): number {
  return names.reduce((sum, reads) => {
    const chance = reads.reduce((all, read) => all + chanceOf(read, known), 0);
    return chance > 0 ? sum + Math.log(chance) : sum;
  }, 0);
}

function readsOf(words: readonly string[], sortsFirst: boolean, numbers: Numbering): Read[] {
  const numbered = words.map((word) => numbers.of(word));
  return waysOf(words, sortsFirst).map((way) => {
    const { start, end, subject } = way;
    const isDouble = end - start > 1;
    const first = numbered[start];
    return {
      way,
      sort: first === undefined || isDouble ? numbers.of(words.slice(start, end).join(" ")) : first,
      unknownSort: isDouble ? UNKNOWN_DOUBLE : UNKNOWN.sort,
      subject: subject === undefined ? undefined : numbered[subject],
      further: numbered.filter((_, at) => at !== subject && (at < start || at >= end)),
    };
  });
}

/** Longer names are read by their ends: nobody says so much about one thing. */
const LONGEST = 8;

function waysOf(words: readonly string[], sortsFirst: boolean): Way[] {
  const ways: Way[] = [];
  for (let start = 0; start < Math.min(words.length, LONGEST); start++) {
    for (let end = start + 1; end <= Math.min(words.length, start + 2); end++) {
      const way = sortsFirst ? wayFirst(words, start, end) : wayLast(words, start, end);
      if (way) ways.push({ ...way, prior: way.prior * (end - start > 1 ? USUAL.double : 1) });
    }
  }
  return ways;
}

function wayLast(words: readonly string[], start: number, end: number): Way | undefined {
  const after = words.length - end;
  if (after > 1) return undefined;
  if (start === 0) return { start, end, subject: undefined, prior: USUAL.bare * USUAL.after ** after };
  return { start, end, subject: start - 1, prior: USUAL.before ** (start - 1) * USUAL.after ** after };
}

function wayFirst(words: readonly string[], start: number, end: number): Way | undefined {
  if (start > 1) return undefined;
  const before = USUAL.after ** start;
  if (end === words.length) return { start, end, subject: undefined, prior: USUAL.bare * before };
  return { start, end, subject: end, prior: before * USUAL.before ** (words.length - end - 1) };
}

/** Names that say first what sort of thing they are vary more at their end, so many times. */
const VARIES_MORE = 1.5;

function beginsAlike(names: readonly (readonly string[])[]): boolean {
  const telling = names.filter((words) => words.length > 1);
  const variety = (at: 0 | -1) => varietyOf(telling.map((words) => words.at(at) ?? ""));
  return telling.length > 3 && variety(-1) > variety(0) * VARIES_MORE;
}

/** The effective number of different words (inverse of Simpson's index). */
function varietyOf(words: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const squares = [...counts.values()].reduce((sum, count) => sum + (count / words.length) ** 2, 0);
  return words.length === 0 ? 0 : 1 / squares;
}

/** What `learnWords` takes: the words of a name in lower case, numbers left out. */
export function wordsIn(pieces: readonly Piece[]): string[] {
  return pieces.filter((piece) => !isNumber(piece)).map(lowerOf);
}

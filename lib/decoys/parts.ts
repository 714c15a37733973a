import { cutterAmong } from "./lexicon";
import { isNumber, lowerOf, type Piece, piecesOf, runsOf } from "./pieces";
import { learnWords, type Words, wordsIn } from "./sorts";

/** A word of a name, or several that always stand together, such as client and secret. */
export interface Part {
  /** Hyphens before it, or nothing. */
  joint: string;
  /** The words as they are written. */
  texts: readonly string[];
  /** The same in lower case with a space between them: what is counted and compared. */
  key: string;
  role: Role;
  /** No word of the name is known for a sort, so this one is taken for it by its place. */
  guessed?: boolean;
}

/**
 * fixed = a convention, which nearly all names of the vault have there; number; sort = what sort of thing it is, as `password`;
 * subject = what it is about; other = anything else, as `backup` in `orders-password-backup`.
 */
export type Role = "fixed" | "number" | "sort" | "subject" | "other";

/** Names of which so many have the same word at the same end share a convention. */
const CONVENTION = 0.6;

/** How names are cut into parts, learnt from the names of a vault and of its siblings together. */
export interface Reading {
  /** Parts of a name of the vault itself, its conventions told apart. */
  own: (name: string) => readonly Part[];
  /** Parts of another vault's name, whose conventions are not known; empty when no word of it is known for a sort. */
  others: (name: string) => readonly Part[];
}

/**
 * Learns which words say the sort of a thing, from how the names of the vault and of its siblings are put together. What
 * stands right before the sort is the subject. Nothing else is known about any word.
 *
 * @param families the siblings' names, a list for each vault, where they are known apart
 */
export function readingOf(
  live: readonly string[],
  siblings: readonly string[],
  families: readonly (readonly string[])[] = [siblings],
): Reading {
  const [plain, theirPlain] = [live.map(plainOf), siblings.map(plainOf)];
  const cut = cutterAmong(plain.flatMap(runsOf), theirPlain.flatMap(runsOf), wordsApart([...plain, ...theirPlain]));
  const cutPlain = once((name) => piecesOf(plainOf(name), cut));
  const vaults = [live, ...families].map((names) => conventionsOf(names, cutPlain));
  const words = learnWords(
    vaults.map(({ pieces, core }) => pieces.map((all) => wordsIn(all.slice(core(all).start, core(all).end)))),
  );
  const readers = vaults.map((conventions, index) => {
    const sortsFirst = words.sortsFirst[index] === true;
    const { core } = withoutSorts(conventions, words);
    return (pieces: readonly Piece[]) => partsOf(pieces, core(pieces), words, sortsFirst);
  });
  const [own = () => []] = readers;
  const ofTheirs = new Map(
    families.flatMap((names, index) => names.map((name) => [name, readers[index + 1]] as const)),
  );
  return {
    own: once((name) => own(cutPlain(name))),
    others: (name) => {
      const parts = ofTheirs.get(name)?.(cutPlain(name)) ?? [];
      return parts.some(({ role, guessed }) => role === "sort" && guessed !== true) ? parts : [];
    },
  };
}

/** Whoever asks for the same name again gets the same answer. */
function once<T>(ask: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const answer = known.get(name) ?? ask(name);
    known.set(name, answer);
    return answer;
  };
}

/** What most names of one vault have at their ends, and what lies between. */
interface Conventions {
  pieces: readonly (readonly Piece[])[];
  first: readonly string[];
  last: readonly string[];
  core: (pieces: readonly Piece[]) => { start: number; end: number };
}

function conventionsOf(names: readonly string[], cut: (name: string) => Piece[]): Conventions {
  const pieces = names.map(cut);
  // What follows a section has no convention before it.
  const whole = pieces.filter((_, index) => names[index]?.includes("--") !== true);
  const telling = whole.length > 1 ? whole : pieces;
  return between(pieces, conventionAt(telling, "first"), conventionAt(telling, "last"));
}

function between(pieces: Conventions["pieces"], first: readonly string[], last: readonly string[]): Conventions {
  const core = (all: readonly Piece[]) => {
    const [start, end] = [runOf(all, first, "first"), runOf(all, last, "last")];
    return start + end < all.length ? { start, end: all.length - end } : { start: 0, end: all.length };
  };
  return { pieces, first, last, core };
}

/** A vault may hold one sort alone, which then ends all names as a convention does: other vaults tell. */
function withoutSorts({ pieces, first, last }: Conventions, { asSort }: Words): Conventions {
  const isConvention = (word: string) => asSort(word).sort <= Math.max(1, 2 * asSort(word).else);
  const until = (words: readonly string[]) => {
    const sort = words.findIndex((word) => !isConvention(word));
    return sort < 0 ? words : words.slice(0, sort);
  };
  return between(pieces, until(first), until(last));
}

/** Words that the names themselves tell apart, with how often. */
function wordsApart(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const pieces = runsOf(name).length > 0 ? [] : piecesOf(name, (text) => [text]);
    for (const word of pieces.length > 1 ? pieces.map(lowerOf) : [])
      if (/^[a-z]{3,}$/.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** What follows the section in `Section--Key`: it is written as the vault's plain names are. */
function plainOf(name: string): string {
  return name.split("--").at(-1) ?? name;
}

type Side = "first" | "last";

/** The words, from the outside in, that most names have at one end. */
function conventionAt(names: readonly (readonly Piece[])[], side: Side): string[] {
  const shared: string[] = [];
  let left = names;
  while (left.length > 1) {
    const counts = new Map<string, number>();
    for (const pieces of left) {
      // A name is never convention alone.
      const piece = shared.length + 1 < pieces.length ? fromEnd(pieces, side, shared.length) : undefined;
      if (piece && !isNumber(piece)) counts.set(lowerOf(piece), (counts.get(lowerOf(piece)) ?? 0) + 1);
    }
    const [word, count] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ["", 0]);
    // A few names that end alike are of one sort, unless all do: then other vaults tell.
    const least = side === "first" || count === names.length ? 2 : 4;
    if (count < least || count < names.length * CONVENTION) return shared;
    shared.push(word);
    left = left.filter((pieces) => runOf(pieces, shared, side) === shared.length);
  }
  return shared;
}

function fromEnd(pieces: readonly Piece[], side: Side, index: number): Piece | undefined {
  return pieces.at(side === "first" ? index : -1 - index);
}

/** How many pieces at this end follow the convention. */
function runOf(pieces: readonly Piece[], shared: readonly string[], side: Side): number {
  let count = 0;
  for (const word of shared) {
    const piece = fromEnd(pieces, side, count);
    if (piece === undefined || lowerOf(piece) !== word) return count;
    count++;
  }
  return count;
}

/** The least number of names with a sort in which it is no guess. */
const SURE = 1.5;

function partsOf(
  pieces: readonly Piece[],
  core: { start: number; end: number },
  words: Words,
  sortsFirst: boolean,
): Part[] {
  const inner = pieces.flatMap((piece, index) =>
    index >= core.start && index < core.end && !isNumber(piece) ? [index] : [],
  );
  const place = words.placeIn(inner.flatMap((index) => pieces[index] ?? []).map(lowerOf), sortsFirst);
  const sorts = place === undefined ? [] : inner.slice(place.start, place.end);
  const subject = place?.subject === undefined ? undefined : inner[place.subject];
  const guessed = (place?.seen ?? 0) < SURE;
  const parts: Part[] = [];
  pieces.forEach((piece, index) => {
    const word = lowerOf(piece);
    const last = parts.at(-1);
    if (last?.role === "sort" && sorts.includes(index) && sorts.includes(index - 1)) {
      parts[parts.length - 1] = { ...last, texts: [...last.texts, piece.text], key: `${last.key} ${word}` };
      return;
    }
    const part = { joint: piece.joint, texts: [piece.text], key: word };
    if (isNumber(piece)) parts.push({ ...part, role: "number" });
    else if (index < core.start || index >= core.end) parts.push({ ...part, role: "fixed" });
    // A word alone is what the name is about.
    else if (index === subject || (inner.length === 1 && guessed)) parts.push({ ...part, role: "subject" });
    else if (sorts.includes(index)) parts.push({ ...part, role: "sort", ...(guessed && { guessed }) });
    else parts.push({ ...part, role: "other" });
  });
  return parts;
}

import { type Piece, piecesOf } from "./pieces";

/** A word of a name, or several that always stand together, such as client and secret. */
export interface Part {
  /** Hyphens before it, or nothing. */
  joint: string;
  /** The words as they are written. */
  texts: readonly string[];
  /** The same in lower case with a space between them: what is counted and compared. */
  key: string;
  role: Role;
}

/**
 * fixed = a convention, which nearly all names of the vault have there, or an ending that says where a thing is used; number; sort = what sort of thing it is, as `password`;
 * subject = what it is about; other = anything else, as `backup` in `orders-password-backup`.
 */
export type Role = "fixed" | "number" | "sort" | "subject" | "other";

/** Names of which so many have the same word at the same end share a convention. */
const CONVENTION = 0.6;
/** The least effective number of different words before a word that says the sort, and how often that after it. */
const VARIED = 1.7;
const ONE_SIDED = 1.7;

/** How names are cut into parts, learnt from the names of a vault and of its siblings together. */
export interface Reading {
  /** Parts of a name of the vault itself, its conventions told apart. */
  own: (name: string) => Part[];
  /** Parts of another vault's name, whose conventions are not known; empty when no word of it is known for a sort. */
  others: (name: string) => Part[];
}

/**
 * Learns which words say the sort of a thing: many different words stand before such a word, few before any other. What
 * stands right before the sort is the subject. Nothing else is known about any word.
 */
export function readingOf(live: readonly string[], siblings: readonly string[]): Reading {
  const plain = live.map(plainOf);
  const theirs = siblings.map(plainOf).map((name) => piecesOf(name, []));
  const known = new Set(theirs.filter(({ length }) => length > 1).flatMap((pieces) => pieces.map(lowerOf)));
  const cutOwn = (name: string) => piecesOf(name, plain, known);
  const mine = plain.map(cutOwn);
  const [first, last] = [conventionAt(mine, "first"), conventionAt(mine, "last")];
  const core = (pieces: readonly Piece[]) => {
    const [start, end] = [runOf(pieces, first, "first"), runOf(pieces, last, "last")];
    return start + end < pieces.length ? { start, end: pieces.length - end } : { start: 0, end: pieces.length };
  };
  const sorts = sortsIn([...mine.map((pieces) => pieces.slice(core(pieces).start, core(pieces).end)), ...theirs]);
  return {
    own: (name) => {
      const pieces = cutOwn(plainOf(name));
      return partsOf(pieces, core(pieces), sorts);
    },
    others: (name) => {
      const pieces = piecesOf(plainOf(name), [], known);
      if (pieces.length < 2 || !pieces.some((piece) => sorts.words.has(lowerOf(piece)))) return [];
      return partsOf(pieces, { start: 0, end: pieces.length }, sorts);
    },
  };
}

/** What follows the section in `Section--Key`: it is written as the vault's plain names are. */
function plainOf(name: string): string {
  return name.split("--").at(-1) ?? name;
}

function lowerOf({ text }: Piece): string {
  return text.toLowerCase();
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
    const [word, count] = commonest(counts);
    if (count < 2 || count < names.length * CONVENTION) return shared;
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

function isNumber({ text }: Piece): boolean {
  return /^\d+$/.test(text);
}

interface Sorts {
  words: ReadonlySet<string>;
  /** Words that come after sorts of many kinds: environments, regions and the like. */
  endings: ReadonlySet<string>;
  /** The word that nearly always follows a word. */
  bound: ReadonlyMap<string, string>;
}

interface Neighbours {
  total: number;
  before: Map<string, number>;
  after: Map<string, number>;
}

function sortsIn(names: readonly (readonly Piece[])[]): Sorts {
  const all = [...neighboursIn(names)].map(([word, found]) => ({ word, ...found, varied: variety(found.before) }));
  const words = new Set<string>();
  const endings = new Set<string>();
  const bound = new Map<string, string>();
  const tails = new Set<string>();
  for (const { word, varied, total, before, after } of all.sort((a, b) => b.varied - a.varied)) {
    if (varied < VARIED || varied < ONE_SIDED * variety(after)) continue;
    const afterSort = sumOf(before, (other) => words.has(other) || tails.has(other));
    if (afterSort > total / 2) {
      endings.add(word);
      continue;
    }
    words.add(word);
    const [next, count] = commonest(after);
    if (next === "" || count < 2 || count < total * 0.9) continue;
    bound.set(word, next);
    tails.add(next);
  }
  return { words, endings, bound };
}

function sumOf(counts: ReadonlyMap<string, number>, counted: (word: string) => boolean): number {
  return [...counts].reduce((sum, [word, count]) => sum + (counted(word) ? count : 0), 0);
}

function commonest(counts: ReadonlyMap<string, number>): [string, number] {
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ["", 0]);
}

/** Which words stand beside which; the beginning and the end of a name count as a word, numbers are looked through. */
function neighboursIn(names: readonly (readonly Piece[])[]): ReadonlyMap<string, Neighbours> {
  const all = new Map<string, Neighbours>();
  for (const pieces of names) {
    const words = pieces.filter((piece) => !isNumber(piece)).map(lowerOf);
    words.forEach((word, index) => {
      const entry: Neighbours = all.get(word) ?? { total: 0, before: new Map(), after: new Map() };
      const [previous, next] = [words[index - 1] ?? "", words[index + 1] ?? ""];
      entry.total++;
      entry.before.set(previous, (entry.before.get(previous) ?? 0) + 1);
      entry.after.set(next, (entry.after.get(next) ?? 0) + 1);
      all.set(word, entry);
    });
  }
  return all;
}

/** The effective number of different entries (inverse of Simpson's index). */
function variety(counts: ReadonlyMap<string, number>): number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const squares = [...counts.values()].reduce((sum, count) => sum + (count / total) ** 2, 0);
  return total === 0 ? 0 : 1 / squares;
}

function partsOf(pieces: readonly Piece[], core: { start: number; end: number }, sorts: Sorts): Part[] {
  const parts: Part[] = [];
  pieces.forEach((piece, index) => {
    const word = lowerOf(piece);
    const last = parts.at(-1);
    const fixed = index < core.start || index >= core.end;
    const bound = last?.role === "sort" && !fixed && sorts.bound.get(last.texts.at(-1)?.toLowerCase() ?? "") === word;
    if (last && !isNumber(piece) && (bound || (last.role === "sort" && !fixed && sorts.words.has(word))))
      parts[parts.length - 1] = { ...last, texts: [...last.texts, piece.text], key: `${last.key} ${word}` };
    else {
      parts.push({ joint: piece.joint, texts: [piece.text], key: word, role: fixed ? "fixed" : roleOf(piece, sorts) });
    }
  });
  return withSubject(parts);
}

function roleOf(piece: Piece, { words, endings }: Sorts): Role {
  if (isNumber(piece)) return "number";
  if (endings.has(lowerOf(piece))) return "fixed";
  return words.has(lowerOf(piece)) ? "sort" : "other";
}

/** Marks the subject: the word before the sort, else the one after it. Without a known sort the last word is taken for it. */
function withSubject(parts: readonly Part[]): Part[] {
  const marked = [...parts];
  const others = marked.flatMap(({ role }, index) => (role === "other" ? [index] : []));
  if (!marked.some(({ role }) => role === "sort") && others.length > 1) mark(marked, others.pop(), "sort");
  const sort = marked.findIndex(({ role }) => role === "sort");
  const before = others.findLast((index) => index < sort);
  mark(marked, before ?? others[0], "subject");
  return marked;
}

function mark(parts: Part[], index: number | undefined, role: Role): void {
  const part = index === undefined ? undefined : parts[index];
  if (part !== undefined && index !== undefined) parts[index] = { ...part, role };
}

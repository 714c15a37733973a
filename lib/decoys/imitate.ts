import { followsIn, inCaseOf, joined, type Piece, phrasesOf, piecesOf } from "./pieces";
import { below, pick, type Random } from "./random";
import { checkName, type VaultNames } from "./safety";

export interface Manner extends VaultNames {
  /** Names to take after: those of the same kind. */
  models: readonly string[];
  siblings: readonly string[];
  /** Lower-case names that must not come again. */
  elsewhere: ReadonlySet<string>;
  /** When there are any, each name has one of them. */
  keywords: readonly string[];
}

/** Names made before one is chosen, and tries to make them. */
const CANDIDATES = 16;
const TRIES = 90;

/**
 * Makes a name by exchanging words of one that the vault has: by words that stand in that place in others, or that its
 * sibling vaults use. Of several the one is taken that stands out exactly as much as a real name, drawn at random, does:
 * in words shared with others, in first and last word, in length. Undefined when none passes `checkName`.
 */
export function imitate(manner: Manner, random: Random): string | undefined {
  const plain = manner.models.filter((name) => !name.includes("--"));
  if (plain.length === 0) return undefined;
  const words = wordStore(plain, manner);
  const candidates: string[] = [];
  for (let attempt = 0; attempt < TRIES && candidates.length < CANDIDATES; attempt++) {
    const name = exchanged(words, manner.keywords, attempt > TRIES * 0.6 && candidates.length < 2, random);
    if (
      name === undefined ||
      name.length > 127 ||
      manner.elsewhere.has(name.toLowerCase()) ||
      candidates.includes(name)
    )
      continue;
    if (checkName(name, manner).ok) candidates.push(name);
  }
  const example = figuresOf(pick(words.names, random), words, true);
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    const figures = figuresOf(words.phrases(name), words, false);
    const distance = figures.reduce((sum, figure, index) => sum + Math.abs(figure - (example[index] ?? 0)), 0);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best?.name;
}

interface WordStore {
  names: readonly (readonly Piece[])[];
  /** Phrases by place: the first, the last, and those between. Each as often as it occurs. */
  places: Record<Place, string[]>;
  /** The same of sibling vaults, as far as the vault does not know them. */
  borrowed: Record<Place, string[]>;
  counts: ReadonlyMap<string, number>;
  siblingWords: ReadonlySet<string>;
  phrases: (name: string) => Piece[];
}

type Place = "first" | "between" | "last";
const PLACES = ["first", "between", "last"] as const;

function wordStore(plain: readonly string[], { live, siblings }: Manner): WordStore {
  const theirs = siblings.map((name) => piecesOf(name, []));
  const known = new Set(
    theirs.filter(({ length }) => length > 1).flatMap((pieces) => pieces.map(({ text }) => text.toLowerCase())),
  );
  const cutOwn = (name: string) => piecesOf(name, live, known);
  const follows = followsIn([...live.map(cutOwn), ...theirs]);
  const phrases = (name: string) => phrasesOf(cutOwn(name), follows);
  const names = plain.map(phrases);
  const counts = new Map<string, number>();
  for (const name of live)
    for (const word of new Set(phrases(name).map(({ text }) => text.toLowerCase())))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  const borrowed = byPlace(theirs.map((pieces) => phrasesOf(pieces, follows)));
  for (const place of PLACES)
    borrowed[place] = borrowed[place].filter((word) => !counts.has(word) && /^[a-z]{3,15}$/.test(word));
  return {
    names,
    places: byPlace(names),
    borrowed,
    counts,
    siblingWords: new Set(theirs.flatMap((pieces) => pieces.map(({ text }) => text.toLowerCase()))),
    phrases,
  };
}

function byPlace(names: readonly (readonly Piece[])[]): Record<Place, string[]> {
  const places: Record<Place, string[]> = { first: [], between: [], last: [] };
  for (const pieces of names)
    pieces.forEach(({ text }, index) => {
      // A phrase keeps its case, so that it can be written as it stands.
      if (!/^\d+$/.test(text)) places[placeOf(index, pieces.length)].push(isPhrase(text) ? text : text.toLowerCase());
    });
  return places;
}

function isPhrase(text: string): boolean {
  return /-|[a-z][A-Z]/.test(text);
}

function placeOf(index: number, length: number): Place {
  if (index === length - 1 && length > 1) return "last";
  return index === 0 ? "first" : "between";
}

/** A name of the vault with one or more words exchanged; `bold` exchanges what nearly all names share too. */
function exchanged(words: WordStore, keywords: readonly string[], bold: boolean, random: Random): string | undefined {
  const pieces = pick(words.names, random);
  const chosen = pieces.map(() => random() < 0.4);
  chosen[bold ? 0 : below(pieces.length, random)] = true;
  const keyword = keywords.length > 0 ? below(pieces.length, random) : -1;
  const made = pieces.map((piece, index) => {
    if (index === keyword) return { ...piece, text: inCaseOf(pick(keywords, random), piece.text) };
    if (!chosen[index]) return piece;
    const word = replacementFor(piece.text, placeOf(index, pieces.length), words, bold, random);
    return word === undefined ? piece : { ...piece, text: word };
  });
  const lower = made.map(({ text }) => text.toLowerCase());
  return new Set(lower).size < lower.length ? undefined : joined(made);
}

function replacementFor(
  text: string,
  place: Place,
  words: WordStore,
  bold: boolean,
  random: Random,
): string | undefined {
  if (/^\d+$/.test(text)) return String(below(10 ** Math.min(3, text.length), random)).padStart(text.length, "0");
  const own = words.places[place];
  const borrowed = words.borrowed[place];
  // A word that nearly every name has in this place is the vault's convention.
  const convention = own.filter((word) => word.toLowerCase() === text.toLowerCase()).length > words.names.length * 0.6;
  if (convention && !bold) return undefined;
  const fresh = place === "last" ? 0.05 : bold ? 0.9 : 0.5;
  const source = borrowed.length > 0 && random() < fresh ? borrowed : own;
  if (source.length === 0) return undefined;
  const word = pick(source, random);
  return isPhrase(word) ? word : inCaseOf(word, text);
}

/** How a name stands among the others of the vault, itself left out (`counted`): the figures that an eye compares. */
function figuresOf(pieces: readonly Piece[], words: WordStore, counted: boolean): number[] {
  const shares = pieces.map(({ text }) => (words.counts.get(text.toLowerCase()) ?? 0) - (counted ? 1 : 0));
  const own = pieces.filter((_, index) => (shares[index] ?? 0) <= 0);
  const total = Math.max(1, words.names.length);
  const known = own.filter(({ text }) => words.siblingWords.has(text.toLowerCase())).length;
  return [
    own.length * 1.5,
    known,
    Math.min(4, shares[0] ?? 0) / 2,
    (2 * (shares.at(-1) ?? 0)) / total,
    (2 * shares.reduce((sum, share) => sum + share, 0)) / total / Math.max(1, pieces.length),
    pieces.length,
    joined(pieces).length / 8,
    pieces.some(({ text }) => /\d/.test(text)) ? 1 : 0,
  ];
}

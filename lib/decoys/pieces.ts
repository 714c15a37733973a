/** A word of a name as it is written there, with what stands before it. */
export interface Piece {
  /** Hyphens before the word, or nothing. */
  joint: string;
  text: string;
}

/** Shortest part that is taken for a word when words are run together. */
const SHORTEST_WORD = 3;

/**
 * Cuts a name into words at hyphens, capitals and digits; what the pieces hold, joined, is the name. `alike` are other
 * names of the vault: where words are run together, an ending that they share is one.
 */
export function piecesOf(name: string, alike: readonly string[]): Piece[] {
  const pieces = [...name.matchAll(/(-*)([A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+)/g)].map(([, joint = "", text = ""]) => ({
    joint,
    text,
  }));
  const [only] = pieces;
  if (pieces.length !== 1 || only === undefined) return pieces;
  const cut = only.text.length - sharedEnding(only.text, alike).length;
  return cut === only.text.length ? pieces : [{ ...only, text: only.text.slice(0, cut) }, { joint: "", text: only.text.slice(cut) }];
}

/** The ending that the most names share, the longer the better; empty when there is none. */
function sharedEnding(name: string, alike: readonly string[]): string {
  let best = { ending: "", worth: 0 };
  for (let length = SHORTEST_WORD; length <= name.length - SHORTEST_WORD; length++) {
    const ending = name.slice(-length);
    const count = alike.filter((other) => other !== name && other.endsWith(ending)).length;
    if (count === 0) break;
    if (count * length > best.worth) best = { ending, worth: count * length };
  }
  return best.ending;
}

/** `word` in the case in which `like` is written. */
export function inCaseOf(word: string, like: string): string {
  if (like.length > 1 && like === like.toUpperCase() && /[A-Z]/.test(like)) return word.toUpperCase();
  return /^[A-Z]/.test(like) ? word.charAt(0).toUpperCase() + word.slice(1).toLowerCase() : word.toLowerCase();
}

export function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ joint, text }) => joint + text).join("");
}

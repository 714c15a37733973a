/** A word of a name as it is written there, with what stands before it. */
export interface Piece {
  /** Hyphens before the word, or nothing. */
  joint: string;
  text: string;
}

/** Shortest part that is taken for a word when words are run together. */
const SHORTEST_WORD = 3;

/**
 * Cuts a name into words at hyphens, capitals and digits; what the pieces hold, joined, is the name. Where words are run
 * together, `known` words and endings that `alike`, the vault's other names, share are told apart.
 */
export function piecesOf(name: string, alike: readonly string[], known: ReadonlySet<string> = new Set()): Piece[] {
  return [...name.matchAll(/(-*)([A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+)/g)].flatMap(([, joint = "", text = ""]) => {
    const together = name === name.toLowerCase() && !name.includes("-") && text.length >= 2 * SHORTEST_WORD;
    if (!together) return [{ joint, text }];
    return cut(text, alike, known).map((part, index) => ({ joint: index === 0 ? joint : "", text: part }));
  });
}

function cut(text: string, alike: readonly string[], known: ReadonlySet<string>): string[] {
  for (let at = SHORTEST_WORD; at <= text.length - SHORTEST_WORD; at++) {
    if (known.has(text.slice(at))) return [...cut(text.slice(0, at), [], known), text.slice(at)];
  }
  for (let at = text.length - SHORTEST_WORD; at >= SHORTEST_WORD; at--) {
    if (known.has(text.slice(0, at))) return [text.slice(0, at), text.slice(at)];
  }
  const ending = sharedEnding(text, alike);
  return ending === "" ? [text] : [text.slice(0, -ending.length), ending];
}

/** The ending that the most names share, the longer the better; empty when there is none. */
function sharedEnding(text: string, alike: readonly string[]): string {
  let best = { ending: "", worth: 0 };
  for (let length = SHORTEST_WORD; length <= text.length - SHORTEST_WORD; length++) {
    const ending = text.slice(-length);
    const count = alike.filter((other) => other !== text && other.endsWith(ending)).length;
    if (count === 0) break;
    if (count * length > best.worth) best = { ending, worth: count * length };
  }
  return best.ending;
}

/** `word` in the case in which `like` is written. */
export function inCaseOf(word: string, like: string): string {
  const lower = word.toLowerCase();
  if (like.length > 1 && like === like.toUpperCase() && /[A-Z]/.test(like)) return lower.toUpperCase();
  return /^[A-Z]/.test(like) ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
}

/** A word of a name as it is written there, with what stands before it. */
export interface Piece {
  /** Hyphens before the word, or nothing. */
  joint: string;
  text: string;
}

/** Shorter runs of letters are one word. */
const SHORTEST_RUN = 6;

/**
 * Cuts a name into words at hyphens, capitals and digits; what the pieces hold, joined, is the name. Where words are run
 * together, `cut` tells them apart.
 */
export function piecesOf(name: string, cut: (text: string) => readonly string[]): Piece[] {
  const together = runsTogether(name);
  return [...name.matchAll(/(-*)([A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+)/g)].flatMap(([, joint = "", text = ""]) => {
    const words = together && text.length >= SHORTEST_RUN && !/\d/.test(text) ? cut(text) : [text];
    return words.map((word, index) => ({ joint: index === 0 ? joint : "", text: word }));
  });
}

/** Whether nothing in the name says where a word ends. */
function runsTogether(name: string): boolean {
  return name === name.toLowerCase() && !name.includes("-");
}

/** The runs of letters in which words may be run together. */
export function runsOf(name: string): readonly string[] {
  return runsTogether(name) ? (name.match(/[a-z]+/g) ?? []).filter(({ length }) => length >= SHORTEST_RUN) : [];
}

/** `word` in the case in which `like` is written. */
export function inCaseOf(word: string, like: string): string {
  const lower = word.toLowerCase();
  if (like.length > 1 && like === like.toUpperCase() && /[A-Z]/.test(like)) return lower.toUpperCase();
  return /^[A-Z]/.test(like) ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
}

export function lowerOf({ text }: Piece): string {
  return text.toLowerCase();
}

export function isNumber({ text }: Piece): boolean {
  return /^\d+$/.test(text);
}

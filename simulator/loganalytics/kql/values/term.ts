const WORD = /[\p{L}\p{N}]/u;

function isWord(character: string | undefined): boolean {
  if (character === undefined || character === "") return false;
  const code = character.charCodeAt(0);
  if (code < 128) return (code > 47 && code < 58) || (code > 64 && code < 91) || (code > 96 && code < 123);
  return WORD.test(character);
}

/**
 * Whether `needle` stands in `text` as a term: nothing alphanumeric beside it, checked only at those of its ends that
 * are alphanumeric themselves. `ends` says which ends must be free (`hasprefix`: the start, `hassuffix`: the end).
 */
export function hasTerm(text: string, needle: string, ends: "both" | "start" | "end" = "both"): boolean {
  const start = ends !== "end" && isWord(needle[0]);
  const end = ends !== "start" && isWord(needle.at(-1));
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
    const freeBefore = !start || !isWord(text[at - 1]);
    const freeAfter = !end || !isWord(text[at + needle.length]);
    if (freeBefore && freeAfter) return true;
    if (needle === "") return true;
  }
  return false;
}

const known = new Map<string, readonly string[]>();

/** The words of a name as the attacker reads them: cut at hyphens, capitals and digits, in lower case. */
export function wordsOf(name: string): readonly string[] {
  let words = known.get(name);
  if (words === undefined) {
    words = [...name.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g)].map(([word]) => word.toLowerCase());
    known.set(name, words);
  }
  return words;
}

/** What a name looks like when words are left out: `Ab-Ab--9`, a letter per run of letters, a 9 per run of digits. */
export function shapeOf(name: string): string {
  let shape = shapes.get(name);
  if (shape === undefined) {
    shape = outlineOf(name);
    shapes.set(name, shape);
  }
  return shape;
}

const shapes = new Map<string, string>();

function outlineOf(name: string): string {
  return name
    .replaceAll(/[A-Z][a-z]+/g, "B")
    .replaceAll(/[a-z]+/g, "a")
    .replaceAll(/[A-Z]{2,}/g, "A")
    .replaceAll(/B+/g, "B")
    .replaceAll(/\d+/g, "9")
    .replaceAll(/(-a)+/g, "-a")
    .replaceAll(/(-A)+/g, "-A");
}

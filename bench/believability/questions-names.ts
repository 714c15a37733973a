import { nearestOther, type Question, self, shareOfOthers, type View } from "./view";
import { shapeOf, wordsOf } from "./words-of";

const words = (view: View, index: number) => wordsOf(self(view, index).name);
const last = (name: string) => wordsOf(name).at(-1) ?? "";
const first = (name: string) => wordsOf(name)[0] ?? "";

/** Questions of the first level: names alone, and what kind of object bears them. */
export const NAME_QUESTIONS: Record<string, Question> = {
  "known decoy word": (view, index) => Math.max(0, ...words(view, index).map((word) => view.weightOf(`word ${word}`))),
  "words seen in decoys elsewhere": (view, index) =>
    sum(words(view, index).map((word) => view.weightOf(`word ${word}`))),
  "kind of object": (view, index) => shareOfOthers(view, index, (other, own) => other.kind === own.kind),
  length: (view, index) => self(view, index).name.length,
  "odd length": (view, index) => {
    const lengths = view.objects.map(({ name }) => name.length).toSorted((a, b) => a - b);
    return Math.abs(self(view, index).name.length - (lengths[Math.floor(lengths.length / 2)] ?? 0));
  },
  "number of words": (view, index) => words(view, index).length,
  "as many words": (view, index) =>
    shareOfOthers(view, index, (other, own) => wordsOf(other.name).length === wordsOf(own.name).length),
  "same form": (view, index) => shareOfOthers(view, index, (other, own) => shapeOf(other.name) === shapeOf(own.name)),
  "same joining": (view, index) =>
    shareOfOthers(view, index, (other, own) => joining(other.name) === joining(own.name)),
  "same first word": (view, index) => shareOfOthers(view, index, (other, own) => first(other.name) === first(own.name)),
  "same last word": (view, index) => shareOfOthers(view, index, (other, own) => last(other.name) === last(own.name)),
  "same first two words": (view, index) =>
    shareOfOthers(view, index, (other, own) => pair(other.name, 0) === pair(own.name, 0)),
  "same last two words": (view, index) =>
    shareOfOthers(view, index, (other, own) => pair(other.name, -2) === pair(own.name, -2)),
  "words of no other name": (view, index) =>
    words(view, index).filter((word) => wordShare(view, index, word) === 0).length,
  "share of words of no other name": (view, index) =>
    words(view, index).filter((word) => wordShare(view, index, word) === 0).length /
    Math.max(1, words(view, index).length),
  "words in common": (view, index) =>
    sum(words(view, index).map((word) => wordShare(view, index, word))) / Math.max(1, words(view, index).length),
  "rarest word": (view, index) => Math.min(1, ...words(view, index).map((word) => wordShare(view, index, word))),
  "nearest name": (view, index) => nearestOther(view, index, (other, own) => 1 - likeness(other.name, own.name), 1),
  "letters as in the others": letters,
  "share of vowels": (view, index) => vowels(self(view, index).name),
  "digits as in the others": (view, index) =>
    shareOfOthers(view, index, (other, own) => /\d/.test(other.name) === /\d/.test(own.name)),
  "same name as another kind": (view, index) => shareOfOthers(view, index, (other, own) => other.name === own.name),
};

function joining(name: string): string {
  if (name.includes("--")) return "section";
  if (name.includes("-"))
    return name === name.toLowerCase() ? "kebab" : name === name.toUpperCase() ? "upper" : "mixed";
  return name === name.toLowerCase() ? "flat" : /^[A-Z]/.test(name) ? "pascal" : "camel";
}

const pairs = new Map<string, string>();

function pair(name: string, from: 0 | -2): string {
  const key = `${from} ${name}`;
  let found = pairs.get(key);
  if (found === undefined) {
    const all = wordsOf(name);
    found = (from === 0 ? all.slice(0, 2) : all.slice(-2)).join(" ");
    pairs.set(key, found);
  }
  return found;
}

const shares = new WeakMap<View, Map<string, number>>();

/** Share of the other names with this word. */
function wordShare(view: View, index: number, word: string): number {
  let counts = shares.get(view);
  if (counts === undefined) {
    counts = new Map();
    for (const { name } of view.objects)
      for (const each of new Set(wordsOf(name))) counts.set(each, (counts.get(each) ?? 0) + 1);
    shares.set(view, counts);
  }
  const own = words(view, index).includes(word) ? 1 : 0;
  return ((counts.get(word) ?? 0) - own) / Math.max(1, view.objects.length - 1);
}

const grams = new Map<string, ReadonlySet<string>>();

function gramsOf(name: string): ReadonlySet<string> {
  let found = grams.get(name);
  if (found === undefined) {
    const lower = name.toLowerCase();
    found = new Set(Array.from({ length: Math.max(1, lower.length - 2) }, (_, at) => lower.slice(at, at + 3)));
    grams.set(name, found);
  }
  return found;
}

/** Share of letter triples in common (Dice's coefficient). */
function likeness(a: string, b: string): number {
  const left = gramsOf(a);
  const right = gramsOf(b);
  let common = 0;
  for (const gram of left) if (right.has(gram)) common++;
  return (2 * common) / (left.size + right.size);
}

const triples = new WeakMap<View, Map<string, number>>();

/** Share of a name's letter triples that other names of the vault have too. */
function letters(view: View, index: number): number {
  let counts = triples.get(view);
  if (counts === undefined) {
    counts = new Map();
    for (const { name } of view.objects)
      for (const gram of gramsOf(name)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    triples.set(view, counts);
  }
  const own = gramsOf(self(view, index).name);
  let found = 0;
  for (const gram of own) if ((counts.get(gram) ?? 0) > 1) found++;
  return found / own.size;
}

function vowels(name: string): number {
  return (name.match(/[aeiou]/gi)?.length ?? 0) / Math.max(1, name.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import { type Part, type Reading, type Role, readingOf } from "./parts";
import { inCaseOf } from "./pieces";
import { below, pick, type Random } from "./random";
import { nameCheck, type VaultNames } from "./safety";

export interface Manner extends VaultNames {
  /** Names to take after: those of the same kind. */
  models: readonly string[];
  siblings: readonly string[];
  /** Lower-case names that must not come again, beside those of the siblings. */
  elsewhere: ReadonlySet<string>;
  /** How the vault's names are read, where that was found out already. */
  reading?: Reading;
  /** When there are any, each name has one of them. */
  keywords: readonly string[];
}

/** Names to take after before giving up, and tries with each: a word that the vault knows is the oftener taken already. */
const TEMPLATES = 12;
const TRIES = 20;

/**
 * Makes a name after one that the vault has, part by part: each word is exchanged for one that does the same service and
 * is as well known in the vault. A word that no other name has is exchanged for one that the vault does not know and its
 * siblings do; one that three names share for one that two names share, so that three do then. So the new name stands out
 * as much as a real one drawn at random (Good and Turing's estimate of what is new). Undefined when none passes
 * `checkName`.
 */
export function imitate(manner: Manner, random: Random): string | undefined {
  const words = wordStore(manner);
  const theirs = new Set(manner.siblings.map((sibling) => sibling.toLowerCase()));
  const models = templatesAmong(manner.models, words);
  let template = models[0];
  if (template === undefined) return undefined;
  const check = nameCheck(manner);
  for (let attempt = 0; attempt < TEMPLATES * TRIES; attempt++) {
    if (attempt % TRIES === 0) template = pick(models, random);
    const name = exchanged(template, words, manner.keywords, random);
    const lower = name.toLowerCase();
    if (name.length > 127 || theirs.has(lower) || manner.elsewhere.has(lower)) continue;
    if (check(name).ok) return name;
  }
  return undefined;
}

type Place = "sort" | "subject" | "other";

interface OwnWord {
  key: string;
  logCount: number;
}

interface WordStore {
  reading: Reading;
  /** The words of the vault by what they do, and in how many names, as a logarithm. */
  own: Record<Place, readonly OwnWord[]>;
  /** The chance that a word which one name has will still be alone when the vault has grown. */
  staysAlone: Record<Place, number>;
  /** In how many names a word stands, whatever it does there. */
  counts: ReadonlyMap<string, number>;
  /** Words of the siblings that the vault does not know, by how many are written as one. */
  borrowed: Record<Place, ReadonlyMap<number, readonly string[]>>;
  /** Different numbers in the vault's names, by their digits. */
  numbers: ReadonlyMap<number, ReadonlySet<number>>;
}

function wordStore({ live, models, siblings, reading = readingOf(live, siblings) }: Manner): WordStore {
  const parts = live.map(reading.own);
  const numbers = new Map<number, Set<number>>();
  for (const { key, role } of parts.flat())
    if (role === "number") numbers.set(key.length, (numbers.get(key.length) ?? new Set()).add(Number(key)));
  const known = new Set(parts.flat().flatMap(({ key }) => key.split(" ")));
  const theirs = siblings.map(reading.others);
  const counts = countsOf(parts);
  const usually = usualRoles([...parts, ...theirs].flat());
  const own = (role: Role) =>
    new Map(
      [...countsOf(role === "sort" ? models.map(reading.own) : parts, role).keys()].flatMap((key) =>
        usually(key, role) ? [[key, counts.get(key) ?? 1]] : [],
      ),
    );
  const borrowed = (role: Role) => byLength(strangers(theirs, role, known).filter((key) => usually(key, role)));
  const words = { sort: own("sort"), subject: own("subject"), other: own("other") };
  return {
    reading,
    own: { sort: ownWords(words.sort), subject: ownWords(words.subject), other: ownWords(words.other) },
    staysAlone: { sort: lonely(words.sort), subject: lonely(words.subject), other: lonely(words.other) },
    borrowed: { sort: borrowed("sort"), subject: borrowed("subject"), other: borrowed("other") },
    counts,
    numbers,
  };
}

function ownWords(counts: ReadonlyMap<string, number>): OwnWord[] {
  return [...counts].map(([key, count]) => ({ key, logCount: Math.log(count) }));
}

function byLength(keys: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const lengths = new Map<number, string[]>();
  for (const key of keys) {
    const alike = lengths.get(lengthOf(key)) ?? [];
    alike.push(key);
    lengths.set(lengthOf(key), alike);
  }
  return lengths;
}

/** How many words a key is. */
function lengthOf(key: string): number {
  return key.split(" ").length;
}

/** Whether a word does this service oftener than any other, in the vault and its siblings: what was misread once is not used so. */
function usualRoles(parts: readonly Part[]): (key: string, role: Role) => boolean {
  const counts = new Map<string, Map<Role, number>>();
  for (const { key, role } of parts) {
    const roles = counts.get(key) ?? new Map<Role, number>();
    roles.set(role, (roles.get(role) ?? 0) + 1);
    counts.set(key, roles);
  }
  return (key, role) => {
    const roles = counts.get(key) ?? new Map<Role, number>();
    return (roles.get(role) ?? 0) >= Math.max(...roles.values());
  };
}

/**
 * Nobody takes up a decoy's words again, as people do with their own, so of the words that one name has only some are
 * exchanged for strangers: as many as had found no company since the vault was half as large.
 */
function lonely(counts: ReadonlyMap<string, number>): number {
  const [ones = 0, twos = 0] = [1, 2].map((wanted) => [...counts.values()].filter((count) => count === wanted).length);
  return 1 - (2 * twos + 1) / (ones + 2 * twos + 2);
}

function countsOf(names: readonly (readonly Part[])[], role?: Role): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const parts of names)
    for (const key of new Set(parts.flatMap((part) => (role === undefined || part.role === role ? [part.key] : []))))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** A word in more than this share of the siblings' names, and in some number of them, is the convention of one of them. */
const CONVENTION_SHARE = 0.04;

/** What siblings use in this place, each once; what is a convention or a sort to any of them is no subject. */
function strangers(names: readonly (readonly Part[])[], role: Role, known: ReadonlySet<string>): readonly string[] {
  const often = Math.max(4, names.length * CONVENTION_SHARE);
  return [...countsOf(names, role)].flatMap(([key, count]) => {
    const words = key.split(" ");
    if (role !== "sort" && count > often) return [];
    return words.every((word) => /^[a-z]{2,15}$/.test(word) && !known.has(word)) ? [key] : [];
  });
}

/** A name to take after, and how it is written. */
interface Template {
  parts: readonly Part[];
  capitals: boolean;
  hyphens: boolean;
}

/** Names that show how their words are put together, if there are such; sections lend what follows them when nothing else does. */
function templatesAmong(names: readonly string[], { reading }: WordStore): Template[] {
  const plain = names.filter((name) => !name.includes("--"));
  const templates = (plain.length > 1 ? plain : names).map(reading.own).filter(({ length }) => length > 0);
  const telling = templates.filter((parts) => parts.some(({ role }) => role === "subject") && parts.length > 1);
  const surely = telling.filter((parts) => parts.some(({ role, guessed }) => role === "sort" && guessed !== true));
  const chosen = [surely, telling, templates].find(({ length }) => length > 0) ?? [];
  return chosen.map((parts) => ({
    parts,
    capitals: parts.some(({ texts }) => texts.some((text) => /[A-Z]/.test(text))),
    hyphens: parts.some(({ joint }) => joint !== ""),
  }));
}

function exchanged(
  { parts, capitals, hyphens }: Template,
  words: WordStore,
  keywords: readonly string[],
  random: Random,
): string {
  const used = new Set<string>();
  return parts
    .map((part) => {
      const key = replacementFor(part, words, keywords, used, random);
      used.add(key);
      return (
        part.joint + (key === part.key ? joinedAs(part.texts, hyphens) : writtenLike(key, part, { capitals, hyphens }))
      );
    })
    .join("");
}

function joinedAs(texts: readonly string[], hyphens: boolean): string {
  return texts.join(hyphens ? "-" : "");
}

function replacementFor(
  { key, role }: Part,
  words: WordStore,
  keywords: readonly string[],
  used: ReadonlySet<string>,
  random: Random,
): string {
  if (role === "fixed") return key;
  if (role === "number") return numberLike(key, words, random);
  if (role === "subject" && keywords.length > 0) return pick(keywords, random).toLowerCase();
  const count = words.counts.get(key) ?? 1;
  const borrowed = words.borrowed[role].get(lengthOf(key)) ?? [];
  if (count <= 1 && borrowed.length > 0 && random() < words.staysAlone[role]) return pick(borrowed, random);
  const others = words.own[role].filter((own) => !used.has(own.key));
  return others.length === 0 ? key : asWellKnown(others, count - 1, random);
}

/** One of the words that about as many names have. */
function asWellKnown(words: readonly OwnWord[], count: number, random: Random): string {
  const wanted = Math.log(Math.max(1, count));
  const apart = ({ logCount }: OwnWord) => Math.abs(logCount - wanted);
  const nearest = words.reduce((least, word) => Math.min(least, apart(word)), Number.POSITIVE_INFINITY);
  return pick(
    words.filter((word) => apart(word) <= nearest + 0.3),
    random,
  ).key;
}

/** Another number with as many digits, up to the vault's highest, where the vault counts; else the same. */
function numberLike(key: string, { numbers }: WordStore, random: Random): string {
  const seen = numbers.get(key.length) ?? new Set();
  if (seen.size < 2 || key.length > 4) return key;
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  return String(low + below(high - low + 1, random)).padStart(key.length, "0");
}

/** Writes a replacement as the part of the template is written. */
function writtenLike(
  key: string,
  { texts }: Part,
  { capitals, hyphens }: { capitals: boolean; hyphens: boolean },
): string {
  const [first = ""] = texts;
  const words = key.split(" ");
  const upper = first.length > 1 && first === first.toUpperCase() && /[A-Z]/.test(first);
  const later = upper ? first : (texts[1] ?? (capitals && !hyphens ? "Aa" : first));
  return joinedAs(
    words.map((word, index) => inCaseOf(word, index === 0 ? first : later)),
    hyphens,
  );
}

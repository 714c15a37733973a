import type { Random } from "./random";
import {
  CERTIFICATE_NOUNS,
  DECOY_KEY_NOUNS,
  DECOY_NOUNS,
  DECOY_SYSTEMS,
  DOTTED_ROOTS,
  KEY_NOUNS,
  QUALIFIERS,
  SECRET_NOUNS,
  SECTIONS,
  SYSTEMS,
} from "./words";

/**
 * How a vault's people write the names of its objects. Key Vault allows letters, digits and hyphens only, so `dotted`
 * and `constant` are what became of `spring.datasource.password` and `SQL_PASSWORD_01`; `mixed` is a vault that many
 * hands filled over the years.
 */
export type Grammar = "kebab" | "pascal" | "sections" | "env-suffix" | "dotted" | "constant" | "mixed";

/** Weighted by how often one meets them. */
const GRAMMARS: readonly Grammar[] = [
  "kebab",
  "kebab",
  "kebab",
  "kebab",
  "pascal",
  "pascal",
  "sections",
  "sections",
  "env-suffix",
  "dotted",
  "dotted",
  "constant",
  "mixed",
];

/** A vault's grammar: mostly that of its team's house, sometimes what its first author liked. */
export function drawGrammar(random: Random, house: Random): Grammar {
  const common = house.pick(GRAMMARS);
  const own = random.pick(GRAMMARS);
  return random.chance(0.6) ? common : own;
}

export interface NamePlace {
  grammar: Grammar;
  team: string;
  environment: string;
}

/** How many objects of each kind a vault has. */
export interface ObjectCounts {
  secrets: number;
  keys: number;
  certificates: number;
  /** Secrets that were deleted. */
  deleted: number;
}

/** The names of a vault's real objects, all different; a pure function of the generator. */
export function objectNames(
  random: Random,
  place: NamePlace,
  counts: ObjectCounts,
): Record<keyof ObjectCounts, string[]> {
  const secrets = secretNames(random, place, counts.secrets + counts.deleted);
  const keys = keyNames(random, place, counts.keys);
  const certificates = certificateNames(random, place, counts.certificates, [...secrets, ...keys]);
  return { deleted: secrets.splice(counts.secrets), secrets, keys, certificates };
}

/** Distinct secret names of one vault. */
function secretNames(random: Random, place: NamePlace, count: number): string[] {
  const root = random.pick(DOTTED_ROOTS);
  return distinct(count, () => {
    const words: string[] = [random.pick(SYSTEMS), random.pick(SECRET_NOUNS)];
    if (random.chance(0.45)) words.splice(1, 0, place.team);
    if (random.chance(0.35)) words.splice(1, 0, random.pick(QUALIFIERS));
    return writeName(random, words, place, { section: random.pick(SECTIONS), root });
  });
}

/** Distinct key names of one vault. Sections and dots are habits of configuration, so keys never have them. */
function keyNames(random: Random, place: NamePlace, count: number): string[] {
  return distinct(count, () => {
    const words: string[] = [place.team, random.pick(KEY_NOUNS)];
    if (random.chance(0.4)) words.push(String(random.int(2021, 2026)));
    return writeName(random, words, { ...place, grammar: plainGrammar(place.grammar) });
  });
}

/** Distinct certificate names of one vault; those of a host name its labels: `wildcard-payments-contoso-com`. */
function certificateNames(random: Random, place: NamePlace, count: number, taken: readonly string[]): string[] {
  const grammar = plainGrammar(place.grammar);
  return distinct(
    count,
    () => {
      if (random.chance(0.4)) {
        const host = random.chance(0.4) ? ["wildcard", place.team] : [place.team, place.environment];
        return [...host, "contoso", "com"].join("-");
      }
      return writeName(random, [place.team, random.pick(CERTIFICATE_NOUNS)], { ...place, grammar });
    },
    taken,
  );
}

/**
 * A decoy's name in the vault's own grammar. It begins with a word that no real object begins with, so it need only
 * differ from the other decoys, whose lower-case names are `taken`.
 */
export function decoyName(
  random: Random,
  kind: "secret" | "key",
  place: NamePlace,
  taken: ReadonlySet<string>,
): string {
  // A decoy is never written with a section: an application that binds sections would load it.
  const grammar = plainGrammar(place.grammar);
  for (;;) {
    const noun = kind === "secret" ? random.pick(DECOY_NOUNS) : random.pick(DECOY_KEY_NOUNS);
    const name = writeName(random, [random.pick(DECOY_SYSTEMS), noun], { ...place, grammar });
    const numbered = taken.has(name.toLowerCase())
      ? `${name}${grammar === "pascal" ? "" : "-"}${random.int(2, 9)}`
      : name;
    if (!taken.has(numbered.toLowerCase())) return numbered;
  }
}

/** Lower-case words in a grammar: `sql-orders-password`, `SqlOrdersPassword`, `Storage--SqlPassword`, `SQL-PASSWORD-01`. */
function writeName(
  random: Random,
  words: string[],
  { grammar, environment, team }: NamePlace,
  habits: { section: string; root: string } = { section: "", root: "" },
): string {
  switch (grammar) {
    case "kebab":
      return words.join("-");
    case "env-suffix":
      return [...words, environment].join("-");
    case "pascal":
      return pascal(words);
    case "sections":
      return `${habits.section}--${pascal(words)}`;
    case "dotted":
      return [habits.root, team, ...words.filter((word) => word !== team)].join("-");
    case "constant":
      return `${words.join("-").toUpperCase()}-${String(random.int(1, 12)).padStart(2, "0")}`;
    case "mixed":
      return mixedName(random, words);
  }
}

/** One name of a vault without any rule: each author wrote in another way. */
function mixedName(random: Random, words: string[]): string {
  const dice = random.next();
  if (dice < 0.25) return words.join("-");
  if (dice < 0.45) return pascal(words);
  if (dice < 0.6) return pascal(words).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  if (dice < 0.75) return words.join("").replaceAll("-", "");
  if (dice < 0.9) return `${words.join("-").toUpperCase()}${random.int(1, 3)}`;
  return `${words.join("-")}-${random.pick(["old", "v2", "new", "2023"])}`;
}

/** The grammar of what configuration does not bind: keys, certificates and decoys. */
function plainGrammar(grammar: Grammar): Grammar {
  if (grammar === "sections") return "pascal";
  return grammar === "dotted" ? "kebab" : grammar;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A value of the shape that its name promises. It opens nothing: everything in this tenant is made up. */
export function secretValue(random: Random, name: string): string {
  const lower = name.toLowerCase();
  if (lower.includes("connection")) {
    return `Server=tcp:${random.text("abcdefghijklmnop", 8)}.internal.invalid,1433;User ID=app;Password=${random.text(LETTERS, 20)};Encrypt=True`;
  }
  if (lower.includes("sas")) return `sv=2024-11-04&ss=b&srt=co&sp=rl&sig=${random.text(LETTERS, 43)}%3D`;
  if (lower.includes("key")) return `${random.text(LETTERS, 43)}=`;
  if (lower.includes("token")) return random.text(LETTERS, 40);
  return `${random.text(LETTERS, 14)}!${random.text(LETTERS, 5)}`;
}

/** Exactly so many different names; where the words run out, numbers go on. */
function distinct(count: number, make: () => string, taken: readonly string[] = []): string[] {
  const seen = new Set(taken.map((name) => name.toLowerCase()));
  const names: string[] = [];
  for (let tries = 0; names.length < count; tries++) {
    const name = tries < count * 20 ? make() : `${make()}${tries}`;
    if (seen.has(name.toLowerCase())) continue;
    seen.add(name.toLowerCase());
    names.push(name);
  }
  return names;
}

function pascal(words: string[]): string {
  return words
    .flatMap((word) => word.split("-"))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

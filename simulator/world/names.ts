import type { Random } from "./random";
import {
  DECOY_KEY_NOUNS,
  DECOY_NOUNS,
  DECOY_SYSTEMS,
  KEY_NOUNS,
  QUALIFIERS,
  SECRET_NOUNS,
  SECTIONS,
  SYSTEMS,
} from "./words";

/** How a vault's people write the names of its objects. */
export type Grammar = "kebab" | "pascal" | "sections" | "env-suffix";
export const GRAMMARS: readonly Grammar[] = ["kebab", "kebab", "pascal", "sections", "env-suffix"];

/** Writes lower-case words in a grammar: `sql-orders-password`, `SqlOrdersPassword`, `Storage--SqlPassword`, ... */
function writeName(words: string[], grammar: Grammar, environment: string, section: string): string {
  switch (grammar) {
    case "kebab":
      return words.join("-");
    case "env-suffix":
      return [...words, environment].join("-");
    case "pascal":
      return pascal(words);
    case "sections":
      return `${section}--${pascal(words)}`;
  }
}

/** Distinct secret names of one vault. */
export function secretNames(
  random: Random,
  grammar: Grammar,
  team: string,
  environment: string,
  count: number,
): string[] {
  return distinct(count, () => {
    const words: string[] = [random.pick(SYSTEMS), random.pick(SECRET_NOUNS)];
    if (random.chance(0.45)) words.splice(1, 0, team);
    if (random.chance(0.35)) words.splice(1, 0, random.pick(QUALIFIERS));
    return writeName(words, grammar, environment, random.pick(SECTIONS));
  });
}

/** Distinct key names of one vault. Sections are a habit of configuration, so keys never have them. */
export function keyNames(random: Random, grammar: Grammar, team: string, environment: string, count: number): string[] {
  return distinct(count, () => {
    const words: string[] = [team, random.pick(KEY_NOUNS)];
    if (random.chance(0.4)) words.push(String(random.int(2021, 2026)));
    return writeName(words, grammar === "sections" ? "pascal" : grammar, environment, "");
  });
}

/** A decoy's name in the vault's own grammar, different from every name that is there. */
export function decoyName(
  random: Random,
  kind: "secret" | "key",
  grammar: Grammar,
  environment: string,
  taken: ReadonlySet<string>,
): string {
  // A decoy is never written with a section: an application that binds sections would load it.
  const plain = grammar === "sections" ? "pascal" : grammar;
  for (;;) {
    const noun = kind === "secret" ? random.pick(DECOY_NOUNS) : random.pick(DECOY_KEY_NOUNS);
    const name = writeName([random.pick(DECOY_SYSTEMS), noun], plain, environment, "");
    const numbered = taken.has(name.toLowerCase())
      ? `${name}${plain === "pascal" ? "" : "-"}${random.int(2, 9)}`
      : name;
    if (!taken.has(numbered.toLowerCase())) return numbered;
  }
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

function distinct(count: number, make: () => string): string[] {
  const seen = new Set<string>();
  const names: string[] = [];
  for (let tries = 0; names.length < count && tries < count * 20; tries++) {
    const name = make();
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

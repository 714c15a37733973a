import { isCredential, isEnvironment, isNumber, type Style, styleOf, tokensOf } from "./tokens";

/** What the names of one vault have in common. Lists repeat an entry as often as it occurs, so that a pick follows the vault. */
export interface Grammar {
  style: Style;
  /** What the names are about: services, systems, teams. */
  nouns: readonly string[];
  /** Last words that say the kind of credential, as lists of words. */
  tails: readonly (readonly string[])[];
  /** Words per name, environment included. */
  lengths: readonly number[];
  /** Environment word and the side it stands on, when the vault's names usually have one. */
  environment: { word: string; side: "first" | "last" } | undefined;
  /** First word of nearly all names, when it is no environment. */
  convention: string | undefined;
}

/**
 * Learns from the names of a vault; undefined when there are none. Names with `--` are configuration sections: their
 * words count, their form is not imitated.
 */
export function learn(names: readonly string[]): Grammar | undefined {
  const parsed = names
    .map((name) => ({ name, tokens: peeled(tokensOf(name)) }))
    .filter(({ tokens }) => tokens.length > 0);
  if (parsed.length === 0) return undefined;
  const environment = environmentOf(parsed.map(({ tokens }) => tokens));
  const nouns: string[] = [];
  const tails: string[][] = [];
  const lengths: number[] = [];
  for (const { tokens } of parsed) {
    const tail = tailOf(tokens);
    if (tail.length > 0) tails.push(tail);
    lengths.push(tokens.length);
    const body = tokens.slice(0, tokens.length - tail.length - (isEnvironment(tokens.at(-1) ?? "") ? 1 : 0));
    for (const token of body) if (isNoun(token)) nouns.push(token);
  }
  const convention = conventionOf(parsed.map(({ tokens }) => tokens[0] ?? ""));
  return {
    style: commonStyle(parsed),
    nouns: nouns.filter((noun) => noun !== convention),
    tails,
    lengths,
    environment,
    convention,
  };
}

/** Words run together still end in what they are: `ordersdbpassword` is ordersdb and password. */
function peeled(tokens: readonly string[]): readonly string[] {
  const [only = ""] = tokens;
  const match = tokens.length === 1 && /^(.{3,})(password|secret|token|pwd|(?:api)?key|connectionstring)$/.exec(only);
  return match ? match.slice(1) : tokens;
}

function isNoun(token: string): boolean {
  return token.length > 1 && !isEnvironment(token) && !isCredential(token) && !isNumber(token);
}

/** The run of credential words that ends a name, environment and numbers after it left out. */
function tailOf(tokens: readonly string[]): string[] {
  let end = tokens.length;
  while (end > 0 && (isEnvironment(tokens[end - 1] ?? "") || isNumber(tokens[end - 1] ?? ""))) end--;
  let start = end;
  while (start > 0 && isCredential(tokens[start - 1] ?? "")) start--;
  return tokens.slice(start, end);
}

function environmentOf(names: readonly (readonly string[])[]): Grammar["environment"] {
  for (const side of ["first", "last"] as const) {
    const words = names.map((tokens) => tokens.at(side === "first" ? 0 : -1) ?? "").filter(isEnvironment);
    if (words.length * 2 > names.length) return { word: mostFrequent(words), side };
  }
  return undefined;
}

function conventionOf(heads: readonly string[]): string | undefined {
  const head = mostFrequent(heads);
  const count = heads.filter((other) => other === head).length;
  return heads.length >= 5 && count >= heads.length * 0.8 && !isEnvironment(head) ? head : undefined;
}

/** Section names and short single words say nothing about how words are joined; without any other, sections decide by case. */
function commonStyle(parsed: readonly { name: string; tokens: readonly string[] }[]): Style {
  const telling = parsed.filter(({ name, tokens }) => tokens.length > 1 && !name.includes("--"));
  if (telling.length > 0) return mostFrequent(telling.map(({ name }) => styleOf(name)));
  return /^[A-Z]/.test(parsed[0]?.name ?? "") ? "pascal" : "kebab";
}

/** The entry that occurs most often; among equals the first. */
function mostFrequent<T extends string>(items: readonly T[]): T {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

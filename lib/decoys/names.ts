import { type Grammar, learn } from "./grammar";
import { pick, type Random } from "./random";
import { nameCheck, type VaultNames } from "./safety";
import { render } from "./tokens";
import { KEY_TAILS, OPERATIONS, SECRET_TAILS, SYSTEMS } from "./words";

export interface NameWish {
  kind: "secret" | "key";
  /** Names of other vaults of the same team: nouns are borrowed from them, names never. */
  siblings?: readonly string[];
  /** Lower-case names that must not occur twice in the estate, such as decoys of other vaults. */
  elsewhere?: ReadonlySet<string>;
  /** Words that an administrator wants used. */
  keywords?: readonly string[];
}

const TRIES = 400;

/**
 * Proposes a name that fits the vault and passes `checkName`: in the vault's separator, case and environment, about its
 * own or its siblings' services, dull and operational. Undefined when none was found, as in a vault whose names leave no
 * room. The same names and the same random source give the same proposal.
 */
export function suggestName(vault: VaultNames, wish: NameWish, random: Random): string | undefined {
  const siblings = wish.siblings ?? [];
  const theirs = new Set(siblings.map((name) => name.toLowerCase()));
  const isTaken = (name: string) => theirs.has(name) || wish.elsewhere?.has(name) === true;
  const own = learn(vault.live);
  const grammar = own ?? learn(siblings);
  const borrowed = learn(siblings)?.nouns ?? [];
  const check = nameCheck(vault);
  const longest = Math.max(24, ...vault.live.map(({ length }) => length)) + 8;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const name = compose(grammar, borrowed, wish, random);
    if (name.length <= Math.min(longest, 127) && !isTaken(name.toLowerCase()) && check(name).ok) return name;
  }
  return undefined;
}

function compose(grammar: Grammar | undefined, borrowed: readonly string[], wish: NameWish, random: Random): string {
  const nouns = [...(grammar?.nouns ?? []), ...borrowed];
  const tail = tailFor(grammar, wish.kind, random);
  const wanted = grammar ? pick(grammar.lengths, random) : 3;
  const fixed = tail.length + (grammar?.environment ? 1 : 0) + (grammar?.convention ? 1 : 0);
  const body = bodyOf(Math.min(3, Math.max(1, wanted - fixed)), nouns, wish.keywords ?? [], random);
  const words = [...(grammar?.convention ? [grammar.convention] : []), ...body, ...tail];
  const environment = grammar?.environment;
  if (environment?.side === "first") words.unshift(environment.word);
  if (environment?.side === "last") words.push(environment.word);
  return render(words, grammar?.style ?? "kebab");
}

/** One to three words, no word twice: what it is for, and usually whose or which system. */
function bodyOf(length: number, nouns: readonly string[], keywords: readonly string[], random: Random): string[] {
  const operations = keywords.length > 0 ? keywords.map((word) => word.toLowerCase()) : OPERATIONS;
  const operation = pick(operations, random);
  const rest: string[] = [];
  // More tries than words, since a word may come twice.
  for (let attempt = 0; attempt < 8 && rest.length < length - 1; attempt++) {
    const source = nouns.length > 0 && random() < 0.7 ? nouns : SYSTEMS;
    const word = pick(source, random);
    if (word !== operation && !rest.includes(word)) rest.push(word);
  }
  // A vault's own first words are often what its applications select by, so the operation mostly comes first.
  return random() < 0.7 ? [operation, ...rest] : [...rest, operation];
}

function tailFor(grammar: Grammar | undefined, kind: NameWish["kind"], random: Random): readonly string[] {
  const usual = kind === "key" ? KEY_TAILS : SECRET_TAILS;
  const own = (grammar?.tails ?? []).filter((tail) => fits(tail, kind));
  return own.length > 0 && random() < 0.8 ? pick(own, random) : pick(usual, random);
}

/** A key is not called a password, and a secret is not called a key to encrypt with. */
function fits(tail: readonly string[], kind: NameWish["kind"]): boolean {
  const last = tail.at(-1) ?? "";
  if (kind === "key") return ["key", "cmk", "kek", "dek"].includes(last) && !tail.includes("api");
  return ![
    "cmk",
    "kek",
    "dek",
    "id",
    "user",
    "username",
    "login",
    "url",
    "uri",
    "endpoint",
    "cert",
    "certificate",
  ].includes(last);
}

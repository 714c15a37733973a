import { squeeze, tooNear } from "./distance";
import { isEnvironment, tokensOf } from "./tokens";

export type Refusal =
  | "illegal"
  | "section"
  | "prefix"
  | "selected"
  | "taken"
  | "too_near"
  | "soft_deleted"
  | "reserved"
  | "says_decoy";

/** `sentence` is for a person and names no object of the vault. */
export type NameVerdict = { ok: true } | { ok: false; refusal: Refusal; sentence: string };

/** What a name is checked against: the names of one vault, secrets and keys alike, as its collection lists give them. */
/** What is known of who selects among the names of a vault. */
export type NameReaders = Pick<VaultNames, "selectedBy" | "readersKnown">;

export interface VaultNames {
  live: readonly string[];
  /** Deleted but recoverable: the service refuses to create them, and a recovery would collide. */
  softDeleted: readonly string[];
  /** Beginnings of names by which callers were seen to select what they read, such as `app1-`; case does not count. */
  selectedBy?: readonly string[];
  /**
   * Whether `selectedBy` is all there is: thirty days of rows show who reads what. Without it each word with which several
   * names begin is taken for a beginning that somebody selects by.
   */
  readersKnown?: boolean;
}

/** Paths of the service that look like names; logs cannot tell a decoy of that name from them. */
const RESERVED = new Set(["restore", "contacts", "issuers"]);

/** Words that say it, anywhere in a name; the second list would be found inside ordinary words. */
const TELLING = ["honey", "decoy", "canary", "tripwire", "deception", "deceptive"];
const TELLING_WORDS = new Set(["trap", "bait", "lure", "fake", "dummy", "bogus", "sentinel"]);

const SENTENCES: Record<Refusal, string> = {
  illegal: "A name has 1 to 127 letters, digits or hyphens.",
  section:
    "A name with two hyphens in a row is read as a section of configuration by applications, and could override a setting.",
  prefix: "An application could load this name: several names in this vault share its first word.",
  selected: "An application was seen to read what begins like this name, and would read this one too.",
  taken: "This name is in use in this vault.",
  too_near: "This name is so close to one in use that somebody could take it by mistake.",
  soft_deleted: "An object of this name was deleted from this vault and can still be recovered.",
  reserved: "This word has a meaning of its own in the addresses of a key vault.",
  says_decoy: "This name gives away what it is.",
};

/**
 * Whether planting under `name` is harmless and believable, or the first reason why it is not.
 * Decides on names alone; rights, network and quota are the caller's to check.
 */
export function checkName(name: string, vault: VaultNames): NameVerdict {
  return nameCheck(vault)(name);
}

/** `checkName` for many names of one vault. */
export function nameCheck({
  live,
  softDeleted,
  selectedBy = [],
  readersKnown = false,
}: VaultNames): (name: string) => NameVerdict {
  const squeezed = new Set(live.map(squeeze));
  const deleted = new Set(softDeleted.map(squeeze));
  const heads = bindableHeads(live, readersKnown);
  const refusalOf = (name: string): Refusal | undefined => {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) return "illegal";
    if (RESERVED.has(name.toLowerCase())) return "reserved";
    if (saysDecoy(name)) return "says_decoy";
    if (/--|^-|-$/.test(name)) return "section";
    const mine = squeeze(name);
    if (squeezed.has(mine)) return "taken";
    if (deleted.has(mine)) return "soft_deleted";
    if (selectedBy.some((prefix) => selects(prefix, name))) return "selected";
    if (heads.has(tokensOf(name)[0] ?? "")) return "prefix";
    if ([...squeezed].some((other) => tooNear(other, mine))) return "too_near";
    return undefined;
  };
  return (name) => {
    const refusal = refusalOf(name);
    return refusal === undefined ? { ok: true } : { ok: false, refusal, sentence: SENTENCES[refusal] };
  };
}

/** Whether a selection by this beginning takes the name in; also where words are joined in another way. */
function selects(prefix: string, name: string): boolean {
  return squeeze(prefix) !== "" && squeeze(name).startsWith(squeeze(prefix));
}

/** Whether a name, or a word of one, says what a decoy is. */
export function saysDecoy(name: string): boolean {
  const squeezed = squeeze(name);
  return TELLING.some((word) => squeezed.includes(word)) || tokensOf(name).some((token) => TELLING_WORDS.has(token));
}

/**
 * First words of names that an application could select by: the head of every `Section--Key` name, and each first word
 * that several names share. A word that opens nearly every name of the vault selects nothing, and an environment is a
 * convention: both are left to the vault's grammar.
 */
function bindableHeads(names: readonly string[], readersKnown: boolean): ReadonlySet<string> {
  // A secret and a key of one name are one beginning.
  const live = [...new Set(names)];
  const heads = new Set<string>();
  const counts = new Map<string, number>();
  for (const name of live) {
    const head = tokensOf(name)[0] ?? "";
    if (name.includes("--")) {
      const section = tokensOf(name.slice(0, name.indexOf("--")));
      heads.add(section[0] ?? "");
    }
    counts.set(head, (counts.get(head) ?? 0) + 1);
  }
  if (readersKnown) return heads;
  for (const [head, count] of counts) {
    const convention = live.length >= 5 && count >= live.length * 0.8;
    if (count > 1 && !convention && !isEnvironment(head)) heads.add(head);
  }
  return heads;
}

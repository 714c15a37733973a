import { attributesLike, type DecoyAttributes, modelFor } from "./attributes";
import { imitate, type Manner } from "./imitate";
import { keyOf, remember } from "./memory";
import { suggestName } from "./names";
import { drawLuck, type Luck, type NextVersion, planNext } from "./next-version";
import { readingOf } from "./parts";
import { type ListedObject, madeByHand, type VaultPicture } from "./picture";
import { pick, type Random } from "./random";

export interface DecoyWish {
  /** What to plant. As the vault's own mix has it when left out. */
  kind?: "secret" | "key";
  /** When it will be made. */
  created: Date;
  /** Whether somebody will make the further versions that are planned. */
  history: boolean;
  /** Lower-case names that must not occur twice in the estate, such as decoys of other vaults: there may be very many. */
  elsewhere?: ReadonlySet<string>;
  /** Words that an administrator wants used. They come in many vaults, which an attacker may notice. */
  keywords?: readonly string[];
  /** As `checkName` has them. */
  selectedBy?: readonly string[];
  readersKnown?: boolean;
}

/** A whole decoy, before anything is written. It holds no value. */
export interface DecoyProposal {
  name: string;
  kind: "secret" | "key";
  attributes: DecoyAttributes;
  /** Its further versions; undefined where nobody will make any. */
  history: ProposedHistory | undefined;
}

export interface ProposedHistory {
  /** The next one, by what is known at planting. */
  next: NextVersion;
  /** What it was drawn with. */
  luck: Luck;
  /** Neighbours of its sort, by `keyOf`: what they do says most of what it should do. */
  alike: readonly string[];
}

/**
 * Proposes a decoy that is to its vault as its neighbours are to each other: its name is made of theirs, what it carries
 * is what one of them carries, its history goes on like theirs. Everything is drawn, nothing is constant, and the words
 * come from the vault and its siblings. The name passes `checkName`; undefined when none does.
 */
export function proposeDecoy(vault: VaultPicture, wish: DecoyWish, random: Random): DecoyProposal | undefined {
  const neighbours = madeByHand(vault);
  const kind = wish.kind ?? (neighbours.length > 0 ? pick(neighbours, random).kind : "secret");
  const live = [...new Set(vault.objects.map((object) => object.name))];
  const reading = readingOf(live, vault.siblings, vault.families);
  const sortOf = (text: string) => reading.own(text).find(({ role }) => role === "sort")?.key ?? "";
  const models = neighbours.flatMap((object) => (object.kind === kind ? [object.name] : []));
  const name = nameFor(vault, kind, { live, reading, models }, wish, random);
  if (name === undefined) return undefined;
  const alike = ofItsSort(name, kind, neighbours, sortOf, random);
  const like = modelFor(kind, alike, random);
  const attributes =
    like === undefined
      ? { notBefore: false, ...(kind === "key" && { key: { type: "RSA", size: 2048 } }) }
      : attributesLike(
          like,
          neighbours,
          { name, kind, created: wish.created, since: vault.since, renewed: wish.history },
          random,
        );
  const history = wish.history
    ? historyAmong(vault, alike, { created: wish.created, validDays: attributes.expiresInDays }, random)
    : undefined;
  return { name, kind, attributes, history };
}

/** Days that the audit log is asked about: what a workspace keeps unless somebody pays for more. */
export const LOG_DAYS = 90;

/** The history of a decoy that does as these neighbours of its sort do, as far as the vault shows it already. */
export function historyAmong(
  vault: VaultPicture,
  alike: readonly ListedObject[],
  { created, validDays }: { created: Date; validDays: number | undefined },
  random: Random,
): ProposedHistory {
  const luck = drawLuck(random);
  const keys = alike.map(keyOf);
  const memory = remember([], vault.objects, created, LOG_DAYS);
  const next = planNext(memory, { alike: new Set(keys), last: created, validDays, luck }, created, random);
  return { next, luck, alike: keys };
}

function nameFor(
  vault: VaultPicture,
  kind: "secret" | "key",
  known: Pick<Manner, "live" | "models" | "reading">,
  wish: DecoyWish,
  random: Random,
): string | undefined {
  const { elsewhere = new Set(), keywords = [], selectedBy = [], readersKnown = false } = wish;
  const names = { live: known.live, softDeleted: vault.softDeleted, selectedBy, readersKnown };
  const made = imitate({ ...names, ...known, siblings: vault.siblings, elsewhere, keywords }, random);
  if (made !== undefined) return made;
  return suggestName(names, { kind, siblings: vault.siblings, elsewhere, keywords }, random);
}

/** What a thing is usually decides what it carries: neighbours of the same sort, else all. */
function ofItsSort(
  name: string,
  kind: "secret" | "key",
  neighbours: readonly ListedObject[],
  sortOf: (name: string) => string,
  random: Random,
): readonly ListedObject[] {
  const sort = sortOf(name);
  const alike = neighbours.filter((other) => other.kind === kind && sortOf(other.name) === sort);
  // One alone says little of its sort.
  return alike.length > 1 || (alike.length > 0 && random() < 0.5) ? alike : neighbours;
}

import { attributesLike, type DecoyAttributes, modelFor } from "./attributes";
import { planHistory } from "./history";
import { imitate } from "./imitate";
import { suggestName } from "./names";
import { madeByHand, type VaultPicture } from "./picture";
import { pick, type Random } from "./random";
import { checkName } from "./safety";

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
  history: {
    /** When further versions are due, milliseconds after creation, rising. Empty when none is. */
    versions: number[];
    /** Whether a version belongs after each round in which the neighbours are renewed, as `planHistory` says. */
    withRounds: boolean;
  };
}

/**
 * Proposes a decoy that is to its vault as its neighbours are to each other: its name is made of theirs, what it carries
 * is what one of them carries, its history goes on like theirs. Everything is drawn, nothing is constant, and the words
 * come from the vault and its siblings. The name passes `checkName`; undefined when none does.
 */
export function proposeDecoy(vault: VaultPicture, wish: DecoyWish, random: Random): DecoyProposal | undefined {
  const neighbours = madeByHand(vault);
  const kind = wish.kind ?? (neighbours.length > 0 ? pick(neighbours, random).kind : "secret");
  const name = nameFor(vault, kind, wish, random);
  if (name === undefined) return undefined;
  const like = modelFor(kind, modelsByLastWord(name, kind, neighbours, random), random);
  const attributes =
    like === undefined
      ? { notBefore: false, ...(kind === "key" && { key: { type: "RSA", size: 2048 } }) }
      : attributesLike(like, neighbours, { name, kind, created: wish.created, renewed: wish.history }, random);
  const validDays = attributes.expiresInDays;
  const history = wish.history
    ? planHistory(vault, wish.created, random, { like, validDays })
    : { versions: [], withRounds: false };
  return { name, kind, attributes, history };
}

function nameFor(vault: VaultPicture, kind: "secret" | "key", wish: DecoyWish, random: Random): string | undefined {
  const { elsewhere = new Set(), keywords = [], selectedBy = [], readersKnown = false } = wish;
  const live = [...new Set(vault.objects.map(({ name }) => name))];
  const names = { live, softDeleted: vault.softDeleted, selectedBy, readersKnown };
  const models = madeByHand(vault).flatMap((object) => (object.kind === kind ? [object.name] : []));
  const made = imitate({ ...names, models, siblings: vault.siblings, elsewhere, keywords }, random);
  if (made !== undefined && checkName(made, names).ok) return made;
  return suggestName(names, { kind, siblings: vault.siblings, elsewhere, keywords }, random);
}

/** What a thing is usually decides what it carries: neighbours with the same last word, else all. */
function modelsByLastWord(
  name: string,
  kind: "secret" | "key",
  neighbours: VaultPicture["objects"],
  random: Random,
): VaultPicture["objects"] {
  const last = lastWord(name);
  const alike = neighbours.filter((other) => other.kind === kind && lastWord(other.name) === last);
  // One alone says little of its sort.
  return alike.length > 1 || random() < 0.5 ? (alike.length > 0 ? alike : neighbours) : neighbours;
}

function lastWord(name: string): string {
  return (name.match(/[A-Z]?[a-z]+|[A-Z]+/g)?.at(-1) ?? "").toLowerCase();
}

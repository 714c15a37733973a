import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { attributesLike, modelFor } from "@/lib/decoys/attributes";
import { madeByHand, type VaultPicture } from "@/lib/decoys/picture";
import { type DecoyProposal, type DecoyWish, historyAmong, proposeDecoy } from "@/lib/decoys/propose";
import { secureRandom } from "@/lib/decoys/random";
import { checkName, type NameReaders } from "@/lib/decoys/safety";
import { ownTurn } from "@/lib/turns";
import type { DecoyKind } from "../plan.pure";
import { namesElsewhere, settingsNow } from "./shared-reads";

interface DecoysWish {
  vaultId: VaultId;
  /** One that an administrator chose; null = the product chooses. */
  name: string | null;
  kind: DecoyKind;
  count: number;
  /** Further versions will be written, as the history of each says. */
  history: boolean;
  /** Where something loads all that there is, an expired object would stop it. */
  neverExpires: boolean;
}

/**
 * Whole decoys that fit the vault, or why there are none. Also what the preview asks, which throws them away.
 *
 * @param readers who selects among the vault's names, as the safety check knows it
 */
export async function chooseDecoys(
  service: Pick<ServiceContext, "db" | "now">,
  { name, kind, count, history, neverExpires }: DecoysWish,
  picture: VaultPicture,
  readers: NameReaders,
): Promise<{ chosen: DecoyProposal[] } | { refused: string }> {
  const created = service.now();
  const wish = { kind, created, history };
  const kept = (proposal: DecoyProposal) => (neverExpires ? withoutExpiry(proposal) : proposal);
  if (name !== null) {
    const live = picture.objects.map((one) => one.name);
    const verdict = checkName(name, { live, softDeleted: picture.softDeleted, ...readers });
    return verdict.ok ? { chosen: [kept(named(name, picture, wish))] } : { refused: verdict.sentence };
  }
  const { decoys } = await settingsNow(service);
  const keywords = kind === "key" ? decoys.keyKeywords : decoys.secretKeywords;
  // A name takes some ten milliseconds, and a hundred vaults and more may want theirs at once.
  await ownTurn();
  const elsewhere = await namesElsewhere(service);
  const chosen: DecoyProposal[] = [];
  while (chosen.length < count) {
    const next = proposeDecoy(picture, { ...wish, ...readers, elsewhere, keywords }, secureRandom);
    if (next === undefined) {
      for (const one of chosen) elsewhere.delete(one.name.toLowerCase());
      return { refused: "No name was found that fits among this vault's names and endangers none of them." };
    }
    elsewhere.add(next.name.toLowerCase());
    chosen.push(kept(next));
  }
  return { chosen };
}

/** A decoy of this name that carries what a neighbour carries. */
function named(
  name: string,
  picture: VaultPicture,
  { kind, created, history }: Pick<DecoyWish, "created" | "history"> & { kind: DecoyKind },
): DecoyProposal {
  const neighbours = madeByHand(picture);
  const like = modelFor(kind, neighbours, secureRandom);
  const attributes =
    like === undefined
      ? { notBefore: false }
      : attributesLike(like, neighbours, { name, kind, created, since: picture.since, renewed: history }, secureRandom);
  const validDays = attributes.expiresInDays;
  return {
    name,
    kind,
    attributes,
    history: history ? historyAmong(picture, neighbours, { created, validDays }, secureRandom) : undefined,
  };
}

function withoutExpiry(proposal: DecoyProposal): DecoyProposal {
  const { expiresInDays: _, ...attributes } = proposal.attributes;
  return { ...proposal, attributes };
}

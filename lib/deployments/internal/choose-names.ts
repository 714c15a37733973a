import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { suggestName } from "@/lib/decoys/names";
import { secureRandom } from "@/lib/decoys/random";
import { checkName } from "@/lib/decoys/safety";
import type { DecoyKind } from "../plan.pure";
import { namesElsewhere, rememberVaultNames, siblingNames } from "./shared-reads";

interface NameWish {
  vaultId: VaultId;
  /** One that an administrator chose; null = the product chooses. */
  name: string | null;
  kind: DecoyKind;
  count: number;
}

/**
 * Names that fit the vault, or why there are none. Also what the preview asks, which throws them away.
 *
 * @param known names of the vault's secrets and keys, and beginnings by which somebody selects among them
 */
export async function chooseNames(
  service: Pick<ServiceContext, "db" | "now">,
  { vaultId, name, kind, count }: NameWish,
  known: { live: readonly string[]; selectedBy: readonly string[] },
): Promise<{ chosen: string[] } | { refused: string }> {
  // What was deleted is seen only by the planter, right before it writes.
  const vault = { ...known, softDeleted: [] };
  rememberVaultNames(service.db, vaultId, known.live);
  if (name !== null) {
    const verdict = checkName(name, vault);
    return verdict.ok ? { chosen: [name] } : { refused: verdict.sentence };
  }
  const elsewhere = await namesElsewhere(service);
  const siblings = siblingNames(service.db, vaultId);
  const chosen: string[] = [];
  while (chosen.length < count) {
    const next = suggestName(vault, { kind, siblings, elsewhere: [...elsewhere, ...chosen] }, secureRandom);
    if (next === undefined) {
      return { refused: "No name was found that fits among this vault's names and endangers none of them." };
    }
    chosen.push(next);
  }
  for (const one of chosen) elsewhere.add(one);
  return { chosen };
}

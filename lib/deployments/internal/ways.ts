import "server-only";
import { permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { Fleet } from "@/lib/coverage/fleet";
import type { DecoyKind } from "../plan.pure";
import type { GrantWay, ItemPlan } from "../views.pure";
import { groupOf } from "./group-grants";

/** What the plan says of one vault. */
export interface Verdict {
  vaultId: VaultId;
  row: BoardRow | undefined;
  state: "planned" | "blocked" | "skipped";
  kind: DecoyKind | null;
  count: number | null;
  plan: ItemPlan;
  /** Kept with the plan for the run: see `noteOf`. */
  note?: Record<string, unknown>;
}

/** What the planting identity needs on a vault with roles, by kind. */
const NEEDED: Record<DecoyKind, readonly string[]> = {
  secret: [
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
  ],
  key: ["Microsoft.KeyVault/vaults/keys/create/action", "Microsoft.KeyVault/vaults/keys/read"],
};

/**
 * Decides how each planned vault gets its right. One role at a resource group stands for all its vaults only when the
 * plan covers every vault there and all of them work with roles: else the right would reach further than the plan.
 */
export function withGrants(fleet: Pick<Fleet, "groups" | "planterAt">, verdicts: readonly Verdict[]): Verdict[] {
  const wanting = new Map<string, Set<string>>();
  for (const { vaultId, state, row } of verdicts) {
    if (state !== "planned" || row?.permissionModel !== "rbac") continue;
    const group = groupOf(vaultId);
    const found = wanting.get(group);
    if (found) found.add(vaultId);
    else wanting.set(group, new Set([vaultId]));
  }
  const whole = (group: string): boolean => {
    const there = fleet.groups.get(group);
    const planned = wanting.get(group);
    return there !== undefined && planned !== undefined && there.size > 1 && there.size === planned.size;
  };
  return verdicts.map((verdict) => {
    if (verdict.state !== "planned") return verdict;
    return { ...verdict, plan: { ...verdict.plan, grant: wayFor(fleet, verdict, whole) } };
  });
}

function wayFor(
  fleet: Pick<Fleet, "planterAt">,
  { vaultId, row, kind }: Verdict,
  whole: (group: string) => boolean,
): GrantWay {
  if (row?.permissionModel !== "rbac") return "policy";
  const standing = fleet.planterAt(vaultId);
  if (NEEDED[kind ?? "secret"].every((action) => permits(standing, action, "data"))) return "none";
  return whole(groupOf(vaultId)) ? "group_role" : "vault_role";
}

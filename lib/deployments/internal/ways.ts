import "server-only";
import { type Permission, permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { Fleet } from "@/lib/coverage/fleet";
import type { DecoyKind } from "../plan.pure";
import type { GrantWay, ItemPlan, Operation } from "../views.pure";
import type { Purpose } from "./grants";
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

/** What the planting identity needs on a vault with roles, by purpose and kind. */
const NEEDED: Record<Purpose, Record<DecoyKind, readonly string[]>> = {
  plant: {
    secret: [
      "Microsoft.KeyVault/vaults/secrets/setSecret/action",
      "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    ],
    key: ["Microsoft.KeyVault/vaults/keys/create/action", "Microsoft.KeyVault/vaults/keys/read"],
  },
  retire: {
    secret: ["Microsoft.KeyVault/vaults/secrets/delete", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"],
    key: ["Microsoft.KeyVault/vaults/keys/delete", "Microsoft.KeyVault/vaults/keys/read"],
  },
};
/** What a right is given for, by operation. */
const PURPOSES: Record<Operation, readonly Purpose[]> = {
  plant: ["plant"],
  retire: ["retire"],
  replace: ["plant", "retire"],
  renew: ["plant"],
};

/** Whether standing permissions let the planting identity work on objects of these kinds; then no role has to be given. */
export function suffices(standing: readonly Permission[], purpose: Purpose, kinds: Iterable<DecoyKind>): boolean {
  return [...kinds].every((kind) => NEEDED[purpose][kind].every((action) => permits(standing, action, "data")));
}

/** The same for making a key through Azure Resource Manager: a right on the vault as a resource, whatever its permission model. */
export function sufficesByArm(standing: readonly Permission[]): boolean {
  return permits(standing, "Microsoft.KeyVault/vaults/keys/write", "control");
}

/**
 * Decides how each planned vault gets its right. One role at a resource group stands for all its vaults only when the
 * plan covers every vault there and all of them work with roles: else the right would reach further than the plan. In a
 * spread deployment it never does: hours or weeks lie between the turns of a group's vaults, and none is to be reached
 * before its own.
 */
export function withGrants(
  fleet: Pick<Fleet, "groups" | "planterAt">,
  { operation, spreadHours = 0 }: { operation: Operation; spreadHours?: number | undefined },
  verdicts: readonly Verdict[],
): Verdict[] {
  const wanting = new Map<string, Set<string>>();
  for (const { vaultId, state, row } of verdicts) {
    if (state !== "planned" || row?.permissionModel !== "rbac") continue;
    const group = groupOf(vaultId);
    const found = wanting.get(group);
    if (found) found.add(vaultId);
    else wanting.set(group, new Set([vaultId]));
  }
  const whole = (group: string): boolean => {
    if (spreadHours > 0) return false;
    const there = fleet.groups.get(group);
    const planned = wanting.get(group);
    return there !== undefined && planned !== undefined && there.size > 1 && there.size === planned.size;
  };
  return verdicts.map((verdict) => {
    if (verdict.state !== "planned") return verdict;
    return { ...verdict, plan: { ...verdict.plan, grant: wayFor(fleet, operation, verdict, whole) } };
  });
}

function wayFor(
  fleet: Pick<Fleet, "planterAt">,
  operation: Operation,
  { vaultId, row, kind, plan: { removes, way } }: Verdict,
  whole: (group: string) => boolean,
): GrantWay {
  const standing = fleet.planterAt(vaultId);
  if (way === "arm_key") {
    if (sufficesByArm(standing)) return "none";
    return row?.permissionModel === "rbac" && whole(groupOf(vaultId)) ? "group_role" : "vault_role";
  }
  if (row?.permissionModel !== "rbac") return "policy";
  const removed: DecoyKind[] = [
    ...(removes?.secrets === 0 ? [] : (["secret"] as const)),
    ...(removes?.keys === 0 ? [] : (["key"] as const)),
  ];
  const kinds = (purpose: Purpose): DecoyKind[] => (purpose === "retire" ? removed : [kind ?? "secret"]);
  if (PURPOSES[operation].every((purpose) => suffices(standing, purpose, kinds(purpose)))) return "none";
  return whole(groupOf(vaultId)) ? "group_role" : "vault_role";
}

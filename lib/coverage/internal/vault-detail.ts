import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { opensFromVault } from "@/lib/deployments/opens";
import { auditReading } from "@/lib/store/audit";
import { type Decoy, listDecoys } from "@/lib/store/decoys";
import type { VaultDetail } from "../board.pure";
import { BROKEN } from "../facts.pure";
import type { KnownDecoy } from "./vault-facts";

const DEPLOYMENTS_MAX = 20;

/** Deployments that touched a vault that the person may read, newest first. */
export async function deploymentsOf({ db, user }: UserContext, vaultId: VaultId): Promise<VaultDetail["deployments"]> {
  const rows = await db
    .selectFrom("deployment_item")
    .innerJoin("deployment", "deployment.id", "deployment_item.deployment_id")
    .select(["deployment.id", "deployment_item.state", "deployment.created_at"])
    .select(["deployment.requested_by_oid", "deployment.total"])
    .where("deployment_item.vault_id", "=", vaultId)
    // A plan that left this vault out, or was not started, did nothing here.
    .where("deployment_item.state", "not in", ["planned", "blocked", "skipped"])
    .orderBy("deployment.created_at", "desc")
    .limit(DEPLOYMENTS_MAX)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    opens: opensFromVault(user, row),
  }));
}

/** The decoys of a vault by name, for those whose work needs the names; undefined for everybody else. */
export async function decoysFor(
  ctx: UserContext,
  vaultId: VaultId,
  evidence: readonly Pick<KnownDecoy, "tokenKey" | "reason">[],
): Promise<VaultDetail["decoys"]> {
  const { roles } = ctx.user;
  if (!roles.includes("Soc.Analyst") && !roles.includes("Platform.Admin")) return undefined;
  const decoys = await listDecoys(ctx.db, vaultId);
  if (decoys.length > 0) {
    const details = { decoys: decoys.length };
    await auditReading(ctx.db, { by: ctx.user, action: "decoys.read", vaultId, details }, ctx.now());
  }
  const found = new Map<string, string>(evidence.map(({ tokenKey, reason }) => [tokenKey, reason]));
  return decoys.map((decoy) => ({
    id: decoy.id,
    kind: decoy.kind,
    name: decoy.name,
    state: decoy.state,
    broken: BROKEN[found.get(decoy.token_key) ?? ""] ?? null,
    plantedAt: plantedAt(decoy)?.toISOString() ?? null,
    recoverableUntil: decoy.recoverable_until?.toISOString() ?? null,
  }));
}

/** The window is opened anew for each removal; what was imported came to us with the window of its planting, if it had one. */
function plantedAt({ first_sent_at, confirmed_at, window_start, created_at }: Decoy): Date | null {
  return first_sent_at ?? confirmed_at ?? (window_start && created_at);
}

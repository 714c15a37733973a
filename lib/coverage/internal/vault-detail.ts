import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { auditReading } from "@/lib/store/audit";
import { listDecoys } from "@/lib/store/decoys";
import type { VaultDetail } from "../board.pure";

const DEPLOYMENTS_MAX = 20;

/** Deployments that touched a vault, newest first. */
export async function deploymentsOf({ db }: UserContext, vaultId: VaultId): Promise<VaultDetail["deployments"]> {
  const rows = await db
    .selectFrom("deployment_item")
    .innerJoin("deployment", "deployment.id", "deployment_item.deployment_id")
    .select(["deployment.id", "deployment_item.state", "deployment.created_at"])
    .where("deployment_item.vault_id", "=", vaultId)
    // A plan that left this vault out, or was not started, did nothing here.
    .where("deployment_item.state", "not in", ["planned", "blocked", "skipped"])
    .orderBy("deployment.created_at", "desc")
    .limit(DEPLOYMENTS_MAX)
    .execute();
  return rows.map(({ id, state, created_at }) => ({ id, state, createdAt: created_at.toISOString() }));
}

/** The decoys of a vault by name, for those whose work needs the names; undefined for everybody else. */
export async function decoysFor(ctx: UserContext, vaultId: VaultId): Promise<VaultDetail["decoys"]> {
  const { roles } = ctx.user;
  if (!roles.includes("Soc.Analyst") && !roles.includes("Platform.Admin")) return undefined;
  const decoys = await listDecoys(ctx.db, vaultId);
  if (decoys.length > 0) {
    const details = { decoys: decoys.length };
    await auditReading(ctx.db, { by: ctx.user, action: "decoys.read", vaultId, details }, ctx.now());
  }
  return decoys.map(({ id, kind, name, state, first_sent_at, confirmed_at, window_start, recoverable_until }) => ({
    id,
    kind,
    name,
    state,
    plantedAt: (first_sent_at ?? confirmed_at ?? window_start)?.toISOString() ?? null,
    recoverableUntil: recoverable_until?.toISOString() ?? null,
  }));
}

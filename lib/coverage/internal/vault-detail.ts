import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { writeAudit } from "@/lib/store/audit";
import { listDecoys } from "@/lib/store/decoys";
import type { VaultDetail } from "../board.pure";
import { sharedValue } from "./shared";

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

/** A page polls; a person who looks at a vault for a while has looked once. */
const SHOWN_AGAIN_AFTER = 10 * 60 * 1000;
const SHOWN_MAX = 10_000;

/** The decoys of a vault by name, for those whose work needs the names; undefined for everybody else. */
export async function decoysFor(ctx: UserContext, vaultId: VaultId): Promise<VaultDetail["decoys"]> {
  const { roles, tid, oid } = ctx.user;
  if (!roles.includes("Soc.Analyst") && !roles.includes("Platform.Admin")) return undefined;
  const decoys = await listDecoys(ctx.db, vaultId);
  if (decoys.length > 0) {
    const shown = sharedValue(ctx.db, "names shown", () => new Map<string, number>());
    const key = `${tid}:${oid}:${vaultId}`;
    const now = ctx.now();
    if (now.getTime() - (shown.get(key) ?? 0) > SHOWN_AGAIN_AFTER) {
      const entry = { by: ctx.user, action: "decoys.read", vaultId, after: { decoys: decoys.length }, result: "ok" };
      await writeAudit(ctx.db, entry, now);
      if (shown.size >= SHOWN_MAX) shown.clear();
      shown.set(key, now.getTime());
    }
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

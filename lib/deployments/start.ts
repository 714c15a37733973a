import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext, User, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Way } from "@/lib/safety/judge.pure";
import { writeAudit } from "@/lib/store/audit";
import { isTaken } from "@/lib/store/errors";
import type { Database } from "@/lib/store/schema";
import { rememberCaller } from "./internal/callers";
import { sendChunks } from "./internal/chunks";
import { examine } from "./internal/examine";
import type { PlantRequest } from "./plan.pure";
import type { ItemPlan } from "./views.pure";

/**
 * Records the intent to plant and hands it to the workers; does no work itself.
 *
 * @returns the deployment's id, to follow its progress by
 * @throws AppError `forbidden` when the person may not write in the vault, `conflict` when something else stands
 *   against it (the first reason; the preview has them all)
 */
export async function startPlant(ctx: UserContext, request: PlantRequest): Promise<{ id: string }> {
  const { vaultId, way, allowed, blocked } = await examine(ctx, request);
  const [reason] = blocked;
  if (reason !== undefined) {
    const refused = { by: ctx.user, action: "deployment.start", vaultId, result: `refused: ${reason}` };
    await writeAudit(ctx.db, refused, ctx.now());
    throw new AppError(allowed ? "conflict" : "forbidden", reason);
  }
  const id = await recordDeployment(ctx, ctx.user, vaultId, request, way);
  rememberCaller(id, ctx.asUser, ctx.now());
  await sendChunks(ctx, id);
  return { id };
}

/** What is known without a plan of a vault whose key goes through Azure Resource Manager: its right is a role, always. */
const BY_ARM: ItemPlan = { grant: "vault_role", way: "arm_key", warnings: [], reasons: [] };

/** Writes deployment, item and audit row in one transaction. Exactly one deployment at a time may run for a vault. */
export async function recordDeployment(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  user: Pick<User, "tid" | "oid" | "name">,
  vaultId: VaultId,
  request: Pick<PlantRequest, "kind" | "count" | "name"> & Partial<Pick<PlantRequest, "acceptUnknownReaders">>,
  way: Way = "data_plane",
): Promise<string> {
  const { kind, count, name, acceptUnknownReaders = false } = request;
  const accepted = acceptUnknownReaders ? { acceptUnknownReaders } : {};
  const id = randomUUID();
  const at = now();
  const insert = async (transaction: Kysely<Database>): Promise<void> => {
    const common = { state: "queued" as const, created_at: at };
    await transaction
      .insertInto("deployment")
      .values({
        ...common,
        id,
        requested_by_tid: user.tid,
        requested_by_oid: user.oid,
        requested_by_name: user.name,
        kind,
        count,
        name: name ?? null,
        request: JSON.stringify(accepted),
        started_at: at,
      })
      .execute();
    await transaction
      .insertInto("deployment_item")
      .values({
        ...common,
        id: randomUUID(),
        deployment_id: id,
        vault_id: vaultId,
        kind,
        count,
        ...(way === "arm_key" && { plan: JSON.stringify(BY_ARM) }),
        updated_at: at,
      })
      .execute();
    const after = { deployment: id, kind, count, ...accepted, ...(way === "arm_key" && { way }) };
    await writeAudit(transaction, { by: user, action: "deployment.start", vaultId, after, result: "ok" }, at);
  };
  try {
    await db.transaction().execute(insert);
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new AppError("conflict", "A deployment is already running for this vault. Wait until it has ended.");
  }
  return id;
}

import "server-only";
import type { ServiceContext, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { takeGrantBack } from "./internal/grants";
import type { Grant } from "./internal/ledger";
import type { OpenGrant, OpenGrants } from "./open-grants.pure";

/** Every right that is open now, or not known to be closed; oldest first. For analysts and administrators. */
export async function listOpenGrants({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<OpenGrants> {
  const rows = await db
    .selectFrom("deployment_grant")
    .leftJoin("deployment_item", "deployment_item.id", "deployment_grant.item_id")
    .leftJoin("deployment", (join) =>
      join.on((eb) =>
        eb("deployment.id", "=", eb.fn.coalesce("deployment_grant.deployment_id", "deployment_item.deployment_id")),
      ),
    )
    .selectAll("deployment_grant")
    .select(["deployment.id as owner", "deployment.requested_by_name as who", "deployment.operation as operation"])
    .where("deployment_grant.state", "<>", "revoked")
    .orderBy("deployment_grant.created_at")
    .execute();
  return {
    readAt: now().toISOString(),
    grants: rows.map((row) => ({
      id: row.id,
      scope: row.scope,
      at: row.vault_id === null ? ("group" as const) : ("vault" as const),
      model: row.model,
      purpose: purposeOf(row),
      what: wordsFor(row),
      state: row.state === "revoked" ? ("revoking" as const) : row.state,
      since: row.created_at.toISOString(),
      leaseUntil: row.lease_until.toISOString(),
      endsAt: row.ends_at?.toISOString() ?? null,
      deploymentId: row.owner,
      requestedBy: row.who,
    })),
  };
}

interface Row {
  model: "rbac" | "policies";
  added: { secrets: string[]; keys: string[] };
  before: Record<string, unknown>;
  given_as: Grant["given_as"];
  operation: "plant" | "retire" | "replace" | "renew" | null;
}

function purposeOf({ before, added, operation }: Row): OpenGrant["purpose"] {
  const deletes = [...added.secrets, ...added.keys].includes("delete");
  return before.purpose === "retire" || deletes || operation === "retire" ? "retire" : "plant";
}

function wordsFor(row: Row): string {
  if (row.model === "policies") {
    const permissions = [
      ...row.added.secrets.map((one) => `secrets/${one}`),
      ...row.added.keys.map((one) => `keys/${one}`),
    ];
    return `In the access policies: ${permissions.join(", ")}`;
  }
  const role = purposeOf(row) === "retire" ? "Role to list and delete" : "Role to list and write";
  return row.given_as === "assignment_unlicensed" ? `${role}; no licence for a time-bound one` : role;
}

/**
 * Takes one right back now. A deployment that still needs it gives it to itself again, so cancel that one first.
 *
 * @throws AppError `not_found` when it is not open any more, or what Azure answers when it refuses
 */
export async function takeBackNow(ctx: UserContext, { id }: { id: string }): Promise<{ taken: true }> {
  const grant = await ctx.db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("id", "=", id)
    .where("state", "<>", "revoked")
    .executeTakeFirst();
  if (!grant) throw new AppError("not_found", "This right is not open any more.", { fix: "Read the list again." });
  if (!(await takeGrantBack(ctx, grant))) {
    throw new AppError(
      "conflict",
      "Azure takes a time-bound role back no sooner than five minutes after it was given.",
      {
        fix: "Leave it: it is taken back by itself as soon as Azure allows it.",
      },
    );
  }
  const before = { model: grant.model, scope: grant.scope, assignment: grant.assignment_id, added: grant.added };
  const entry = { by: ctx.user, action: "grant.take_back", before, result: "ok" };
  await writeAudit(ctx.db, { ...entry, ...(grant.vault_id !== null && { vaultId: grant.vault_id }) }, ctx.now());
  return { taken: true };
}

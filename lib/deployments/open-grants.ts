import "server-only";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { takeGrantBack } from "./internal/grants";
import type { Grant } from "./internal/ledger";
import type { OpenGrant, OpenGrants } from "./open-grants.pure";

/**
 * The rights that are open now, or not known to be closed, oldest first, at the vaults that the person may read and at
 * resource groups that hold such a vault. For analysts and administrators.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function listOpenGrants(ctx: UserContext): Promise<OpenGrants> {
  const { db, now } = ctx;
  const all = await db
    .selectFrom("deployment_grant")
    .leftJoin("deployment_item", "deployment_item.id", "deployment_grant.item_id")
    .leftJoin("deployment", (join) =>
      join.on((eb) =>
        eb("deployment.id", "=", eb.fn.coalesce("deployment_grant.deployment_id", "deployment_item.deployment_id")),
      ),
    )
    .leftJoin("drill", "drill.id", "deployment_grant.drill_id")
    .selectAll("deployment_grant")
    .select(["deployment.id as owner", "deployment.requested_by_name as who", "deployment.operation as operation"])
    .select((eb) => eb.ref("drill.requested_by_name").as("drilled_by"))
    .where("deployment_grant.state", "<>", "revoked")
    .orderBy("deployment_grant.created_at")
    .execute();
  const readable = await readableOf(
    ctx,
    all.map(({ scope }) => scope),
  );
  const rows = all.filter(({ scope }) => readable.has(scope));
  return {
    leftOut: all.length - rows.length,
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
      drill: row.drill_id !== null,
      requestedBy: row.who ?? row.drilled_by,
    })),
  };
}

interface Row {
  model: "rbac" | "policies";
  added: { secrets: string[]; keys: string[] };
  before: Record<string, unknown>;
  given_as: Grant["given_as"];
  operation: "plant" | "retire" | "replace" | "renew" | null;
  principal_oid: string | null;
}

function purposeOf({ before, added, operation, principal_oid: named }: Row): OpenGrant["purpose"] {
  if (named !== null) return "read";
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
  const role = `Role to list and ${{ plant: "write", retire: "delete", read: "read" }[purposeOf(row)]}`;
  return row.given_as === "assignment_unlicensed" ? `${role}; no licence for a time-bound one` : role;
}

/**
 * Takes one right back now. A deployment that still needs it gives it to itself again, so cancel that one first. What is
 * refused or fails is on the audit trail too.
 *
 * @throws AppError `not_found` when it is not open any more, or the person may read no vault that it is about, or what Azure
 *   answers when it refuses
 */
export async function takeBackNow(ctx: UserContext, { id }: { id: string }): Promise<{ taken: true }> {
  const grant = await ctx.db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("id", "=", id)
    .where("state", "<>", "revoked")
    .executeTakeFirst();
  if (!grant) throw notOpen();
  if (!(await readableOf(ctx, [grant.scope])).has(grant.scope)) {
    await say(ctx, grant, "refused: the person may read no vault that the right is about");
    throw notOpen();
  }
  try {
    if (!(await takeGrantBack(ctx, grant))) throw tooEarly();
  } catch (error) {
    await say(ctx, grant, resultFor(error));
    throw error;
  }
  await say(ctx, grant, "ok");
  return { taken: true };
}

const notOpen = () => new AppError("not_found", "This right is not open any more.", { fix: "Read the list again." });
const tooEarly = () =>
  new AppError("conflict", "Azure takes a time-bound role back no sooner than five minutes after it was given.", {
    fix: "Leave it: it is taken back by itself as soon as Azure allows it.",
  });

/** About the vault or group, so that only those see it who may read there. */
async function say({ db, user, now }: UserContext, grant: Grant, result: string): Promise<void> {
  const { model, scope, assignment_id: assignment, added } = grant;
  const before = { model, scope, assignment, added };
  await writeAudit(db, { by: user, action: "grant.take_back", vaultId: scope, before, result }, now());
}

function resultFor(error: unknown): string {
  if (!(error instanceof AppError)) return "failed: Something failed in this product.";
  const { code, message } = error.failure;
  return `${code === "forbidden" || code === "conflict" ? "refused" : "failed"}: ${message}`;
}

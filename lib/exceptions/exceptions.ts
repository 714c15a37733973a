import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, type Selectable, sql } from "kysely";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import type { Database, VaultExceptionTable } from "@/lib/store/schema";
import {
  type ExceptionList,
  type ExceptionRequest,
  endOf,
  lastDayProblem,
  type PastException,
  type VaultException,
} from "./exceptions.pure";

/** How many that are over the page shows; all of them stay in the audit trail. */
const PAST_MAX = 500;

/** The exclusions and exemptions that hold at `now`, the one that is over soonest first. */
export async function activeExceptions(db: Kysely<Database>, now: Date): Promise<VaultException[]> {
  const rows = await db
    .selectFrom("vault_exception")
    .selectAll()
    .where("ended_at", "is", null)
    .where("until", ">", now)
    .orderBy("until")
    .orderBy("id")
    .execute();
  return rows.map(viewOf);
}

/**
 * Those that hold and those that are over, for the page: where the person may read a vault in their scope.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function listExceptions(ctx: UserContext): Promise<ExceptionList> {
  const { db, user, now } = ctx;
  const at = now();
  const over = sql<Date>`coalesce(ended_at, until)`;
  const rows = await db
    .selectFrom("vault_exception")
    .selectAll()
    .where((where) => where.or([where("ended_at", "is not", null), where("until", "<=", at)]))
    .orderBy(over, "desc")
    .orderBy("id")
    .limit(PAST_MAX)
    .execute();
  const past = rows.map(
    (row): PastException => ({
      ...viewOf(row),
      endedAt: (row.ended_at ?? row.until).toISOString(),
      endedBy: row.ended_by_name,
    }),
  );
  const active = await activeExceptions(db, at);
  const readable = await readableOf(
    ctx,
    [...active, ...past].map(({ scope }) => scope),
  );
  const shown = {
    active: active.filter(({ scope }) => readable.has(scope)),
    past: past.filter(({ scope }) => readable.has(scope)),
  };
  return {
    ...shown,
    leftOut: { active: active.length - shown.active.length, past: past.length - shown.past.length },
    mayChange: user.roles.includes("Platform.Admin"),
  };
}

/**
 * Adds an exception and records it. Only where the person may read a vault: a refusal would else tell who made the one that
 * holds there, or which names are those of honeytokens.
 *
 * @throws AppError `invalid` (`lastDay`, or a `reason` that names a honeytoken), `not_found` where the person may
 *   read no vault, `conflict` when one of the kind already holds at this very scope, or what Azure answers when it does not
 *   say which vaults the person may read
 */
export async function addException(ctx: UserContext, request: ExceptionRequest): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const { kind, scope, reason, lastDay } = request;
  const at = now();
  const problem = lastDayProblem(lastDay, at);
  if (problem !== undefined) throw new AppError("invalid", problem, { field: "lastDay" });
  if (!(await readableOf(ctx, [scope])).has(scope)) {
    throw new AppError("not_found", "There is no vault here that you may read.", {
      fix: "Choose another place, or ask an administrator of the vaults for the role Reader.",
    });
  }
  await refuseDecoyNames(ctx, scope, reason);
  const id = randomUUID();
  await db.transaction().execute(async (transaction) => {
    // Two people at once would otherwise both find none.
    await sql`lock table vault_exception in share row exclusive mode`.execute(transaction);
    const existing = (await activeExceptions(transaction, at)).find((one) => one.kind === kind && one.scope === scope);
    if (existing) {
      throw new AppError("conflict", `There is such an ${kind} already, by ${existing.by}.`, {
        fix: "End it first if its reason or its last day has changed.",
      });
    }
    const row = { id, kind, scope, reason, until: endOf(lastDay) };
    await transaction
      .insertInto("vault_exception")
      .values({ ...row, created_by_oid: user.oid, created_by_name: user.name, created_at: at })
      .execute();
    const after = { id, reason, until: row.until.toISOString() };
    await writeAudit(transaction, { by: user, action: `${kind}.add`, vaultId: scope, after, result: "ok" }, at);
  });
  return { id };
}

/**
 * Ends an exception now and records it.
 *
 * @throws AppError `not_found` when none with this id holds, or the person may read no vault that it is about, or what Azure
 *   answers when it does not say which vaults the person may read
 */
export async function endException(ctx: UserContext, id: string): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const at = now();
  const about = await db.selectFrom("vault_exception").select("scope").where("id", "=", id).executeTakeFirst();
  if (!about || !(await readableOf(ctx, [about.scope])).has(about.scope)) throw gone();
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable("vault_exception")
      .set({ ended_at: at, ended_by_name: user.name })
      .where("id", "=", id)
      .where("ended_at", "is", null)
      .where("until", ">", at)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw gone();
    const before = { id, reason: row.reason, until: row.until.toISOString() };
    const entry = { by: user, action: `${row.kind}.end`, vaultId: row.scope, before, after: {}, result: "ok" };
    await writeAudit(transaction, entry, at);
    return { id };
  });
}

function gone(): AppError {
  return new AppError("not_found", "This exception is over already, or there is none.");
}

/**
 * Owners read the reason, and so does whoever reads the audit trail. Names of vaults that this person may not read are not
 * asked about: they do not know them, and a refusal would tell.
 */
async function refuseDecoyNames(ctx: UserContext, scope: string, reason: string): Promise<void> {
  const text = reason.toLowerCase();
  const named = await ctx.db
    .selectFrom("decoy")
    .select(["vault_id", "name"])
    .where(sql<boolean>`position(lower(name) in ${text}) > 0`)
    .execute();
  const isIn = (vaultId: string) => vaultId === scope || vaultId.startsWith(`${scope}/`);
  // Elsewhere a name may well be part of an ordinary word.
  const words = new Set(text.split(/[^a-z0-9-]+/));
  const elsewhere = named.filter(({ name }) => words.has(name.toLowerCase())).map(({ vault_id: vaultId }) => vaultId);
  const isTold =
    named.some(({ vault_id: vaultId }) => isIn(vaultId)) ||
    (elsewhere.length > 0 && (await readableOf(ctx, elsewhere)).size > 0);
  if (!isTold) return;
  throw new AppError("invalid", "The reason holds the name of a honeytoken, and owners of vaults will read it.", {
    field: "reason",
    fix: "Say it without the name.",
  });
}

function viewOf(row: Selectable<VaultExceptionTable>): VaultException {
  return {
    id: row.id,
    kind: row.kind,
    scope: row.scope,
    reason: row.reason,
    by: row.created_by_name,
    createdAt: row.created_at.toISOString(),
    until: row.until.toISOString(),
  };
}

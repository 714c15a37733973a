import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, type Selectable, sql } from "kysely";
import { parseScope } from "@/lib/azure/scope.pure";
import type { UserContext } from "@/lib/context";
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

/** Those that hold and those that are over, for the page. */
export async function listExceptions({ db, user, now }: UserContext): Promise<ExceptionList> {
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
  return { active: await activeExceptions(db, at), past, mayChange: user.roles.includes("Platform.Admin") };
}

/**
 * Adds an exception and records it.
 *
 * @throws AppError `invalid` (`lastDay`, or a `reason` that names a honeytoken), `conflict` when one of the kind already
 *   holds at this very scope
 */
export async function addException(ctx: UserContext, request: ExceptionRequest): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const { kind, scope, reason, lastDay } = request;
  const at = now();
  const problem = lastDayProblem(lastDay, at);
  if (problem !== undefined) throw new AppError("invalid", problem, { field: "lastDay" });
  await refuseDecoyNames(db, scope, reason);
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

/** Ends an exception now and records it. Throws AppError `not_found` when none with this id holds. */
export async function endException({ db, user, now }: UserContext, id: string): Promise<{ id: string }> {
  const at = now();
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable("vault_exception")
      .set({ ended_at: at, ended_by_name: user.name })
      .where("id", "=", id)
      .where("ended_at", "is", null)
      .where("until", ">", at)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new AppError("not_found", "This exception is over already, or there is none.");
    const before = { id, reason: row.reason, until: row.until.toISOString() };
    const entry = { by: user, action: `${row.kind}.end`, vaultId: row.scope, before, after: {}, result: "ok" };
    await writeAudit(transaction, entry, at);
    return { id };
  });
}

/** Owners read the reason, and so does whoever reads the audit trail. */
async function refuseDecoyNames(db: Kysely<Database>, scope: string, reason: string): Promise<void> {
  const level = parseScope(scope)?.level;
  const named = await db
    .selectFrom("decoy")
    .select("id")
    .where(sql<boolean>`position(lower(name) in ${reason.toLowerCase()}) > 0`)
    .where((where) =>
      level === "vault"
        ? where("vault_id", "=", scope)
        : where(sql<boolean>`starts_with(vault_id, ${`${scope}/`})`, "is", true),
    )
    .limit(1)
    .executeTakeFirst();
  if (!named) return;
  throw new AppError("invalid", "The reason holds the name of a honeytoken, and owners of the vault will read it.", {
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

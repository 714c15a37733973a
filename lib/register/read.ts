import "server-only";
import { sql } from "kysely";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { ServiceContext, UserContext } from "@/lib/context";
import { isAmong } from "@/lib/store/among";
import { auditReading } from "@/lib/store/audit";
import type { Drift } from "./drift";
import { placesOfFindings } from "./internal/readable-places";
import { readQuota } from "./quota";
import { DRIFT_KINDS, type Finding, type RegisterView } from "./views.pure";

/** Findings of a kind that are sent; the rest is a number until these are repaired. */
const SHOWN_PER_KIND = 200;

/**
 * The register's state for the people who may see decoys: quota and counts of the whole, findings with names of the vaults
 * that the person may read. That somebody read it is audited, once an hour and person.
 *
 * @throws AppError when Azure does not say which vaults these are
 */
export async function readRegister(ctx: UserContext): Promise<RegisterView> {
  const { db } = ctx;
  const { readable, leftOut } = await placesOfFindings(ctx);
  const [quota, counts, state, totals, shown] = await Promise.all([
    readQuota(ctx),
    decoyCounts(ctx),
    db.selectFrom("register_state").selectAll().executeTakeFirstOrThrow(),
    driftTotals(ctx, readable),
    oldestOfEach(ctx, readable),
    auditReading(ctx.db, { by: ctx.user, action: "register.read" }, ctx.now()),
  ]);
  const { compared_at: comparedAt, asked_at: askedAt, problem } = state;
  return {
    quota,
    counts,
    mayRepair: ctx.user.roles.includes("Platform.Admin"),
    comparedAt: comparedAt?.toISOString() ?? null,
    comparing: askedAt !== null && (comparedAt === null || comparedAt < askedAt),
    problem,
    vaultsLeftOut: leftOut,
    drift: DRIFT_KINDS.flatMap((kind) => {
      const total = totals.get(kind);
      if (!total) return [];
      return [{ kind, ...total, findings: shown.filter((one) => one.kind === kind).map(findingOf) }];
    }),
  };
}

async function decoyCounts({ db }: ServiceContext): Promise<RegisterView["counts"]> {
  const rows = await db
    .selectFrom("decoy")
    .select(({ fn }) => ["state", fn.countAll<string>().as("decoys")])
    .groupBy("state")
    .execute();
  const counts = { registered: 0, planting: 0, live: 0, retiring: 0, retired: 0, failed: 0 };
  for (const { state, decoys } of rows) counts[state] = Number(decoys);
  return counts;
}

async function driftTotals(
  { db }: ServiceContext,
  places: readonly string[],
): Promise<Map<string, { total: number; open: number }>> {
  const rows = await db
    .selectFrom("register_drift")
    .select(({ fn }) => [
      "kind",
      fn.countAll<string>().as("total"),
      fn.countAll<string>().filterWhere("handled_at", "is", null).as("open"),
    ])
    .where("repaired_at", "is", null)
    .where(isAmong("vault_id", places))
    .groupBy("kind")
    .execute();
  return new Map(rows.map(({ kind, total, open }) => [kind, { total: Number(total), open: Number(open) }]));
}

/** Those that nobody has decided about first, then the oldest. */
async function oldestOfEach({ db }: ServiceContext, places: readonly string[]): Promise<Drift[]> {
  return db
    .with("ranked", (with_) =>
      with_
        .selectFrom("register_drift")
        .selectAll()
        .select(
          sql<number>`row_number() over (partition by kind order by handled_at is not null, found_at, id)`.as("place"),
        )
        .where("repaired_at", "is", null)
        .where(isAmong("vault_id", places)),
    )
    .selectFrom("ranked")
    .selectAll()
    .where("place", "<=", SHOWN_PER_KIND)
    .orderBy("place")
    .execute();
}

function findingOf(drift: Drift): Finding {
  const vaultId = parseVaultId(drift.vault_id);
  return {
    id: drift.id,
    kind: drift.kind,
    vault: vaultId
      ? { name: vaultIdParts(vaultId).name, path: vaultPath(vaultId) }
      : { name: drift.vault_id === "*" ? "All vaults" : drift.vault_id, path: "/vaults" },
    objectKind: drift.object_kind,
    name: drift.name,
    detail: drift.detail,
    foundAt: drift.found_at.toISOString(),
    repairing: drift.requested_at !== null,
    problem: drift.problem,
    handledAt: drift.handled_at?.toISOString() ?? null,
    note: drift.note,
  };
}

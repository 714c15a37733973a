import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { brokenDecoys, registerHealth } from "@/lib/coverage/register-health";
import { AppError } from "@/lib/errors";
import { type Decoy, markBroken } from "@/lib/store/decoys";
import type { Drift } from "../drift";
import { adoptRows } from "../import";
import { ensureRegister, publishRows, type RegisterChange } from "../publish";
import { REPAIRS } from "../views.pure";
import { publishExceptionsAgain, removeExceptionRows } from "./exception-repairs";
import type { Removal } from "./plan";
import { writeItems } from "./write-items";

/** What came of a repair: over, or decided about and still there. */
export type Repaired = { is: "repaired" } | { is: "handled"; note: string };

type Repair = (service: ServiceContext, findings: readonly Drift[]) => Promise<Repaired>;

/** Repairs findings of one kind together, so that thousands cost an upload and not as many calls. */
export function repairTogether(
  service: ServiceContext,
  kind: Drift["kind"],
  findings: readonly Drift[],
): Promise<Repaired> {
  const repair = REPAIRS[kind];
  if (repair === null) {
    throw new AppError("conflict", "This cannot be repaired from here.", {
      fix: "Plan another honeytoken on the vault's page and retire this one.",
    });
  }
  return BY_REPAIR[repair](service, findings);
}

const BY_REPAIR: Record<NonNullable<(typeof REPAIRS)[keyof typeof REPAIRS]>, Repair> = {
  publish: publishAgain,
  adopt,
  remove_row: removeRows,
  remove_exception: async (service, findings) => {
    await removeExceptionRows(service, findings);
    return { is: "repaired" };
  },
  publish_exception: async (service, findings) => {
    await publishExceptionsAgain(service, findings);
    return { is: "repaired" };
  },
  mark,
};

/** Publishes our rows again. A missing row is first looked for in the list itself, so that no second one comes about. */
async function publishAgain(service: ServiceContext, findings: readonly Drift[]): Promise<Repaired> {
  const { db } = service;
  const ids = findings.flatMap(({ decoy_id: id }) => (id === null ? [] : [id]));
  const how = findings.some(({ kind }) => kind === "missing") ? "upload" : "item";
  const decoys = await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("decoy")
      .set({ publishing: how })
      .where(sql<boolean>`id = any(${sql.val(ids)}::text[])`)
      .execute();
    return transaction
      .selectFrom("decoy")
      .selectAll()
      .where(sql<boolean>`id = any(${sql.val(ids)}::text[])`)
      .execute();
  });
  await ensureRegister(service);
  await publishRows(service, decoys.flatMap(asItIs));
  return { is: "repaired" };
}

/** The row that a decoy of ours should have; none for one that is gone by now. */
function asItIs(decoy: Decoy): RegisterChange[] {
  const { state, window_start: start, window_end: end } = decoy;
  if (state !== "live" && state !== "retiring") return [];
  return [{ decoy, state, window: start && end ? { start, end } : undefined }];
}

async function adopt(service: ServiceContext, findings: readonly Drift[]): Promise<Repaired> {
  const wanted = new Set(findings.map(({ row_id }) => row_id));
  const { rows } = await registerHealth(service);
  await adoptRows(
    service,
    rows.flatMap((row) =>
      // Its planting is over, whoever planted it.
      wanted.has(row.itemId) ? [row.state === "planting" ? { ...row, state: "live" as const } : row] : [],
    ),
  );
  return { is: "repaired" };
}

/** Deletes rows too many. A second row of a decoy is nobody's: what is known of the decoy's own row stays. */
async function removeRows(service: ServiceContext, findings: readonly Drift[]): Promise<Repaired> {
  const removals = findings.flatMap((finding): Removal[] => {
    const { kind, row_id: itemId, decoy_id: decoyId, vault_id: vaultId } = finding;
    if (itemId === null) return [];
    return [{ is: "remove", decoyId: kind === "leftover" ? (decoyId ?? "") : "", vaultId, itemId }];
  });
  await writeItems(service, removals, new Set(removals.map(({ vaultId }) => vaultId)).size <= 1);
  return { is: "repaired" };
}

/** Keeps for good what the log will forget, so that the vault stays red until another decoy stands in it. */
async function mark(service: ServiceContext, findings: readonly Drift[]): Promise<Repaired> {
  const { db, now } = service;
  const [first] = findings;
  const by = first?.kind;
  if (by === "deleted" || by === "disabled" || by === "expired") {
    const ids = findings.flatMap(({ decoy_id: id }) => (id === null ? [] : [id]));
    const broken = await brokenDecoys(service);
    const decoys = await db
      .selectFrom("decoy")
      .select(["id", "token_key"])
      .where(sql<boolean>`id = any(${sql.val(ids)}::text[])`)
      .execute();
    // Since when it is broken, not since when somebody said so.
    const marks = decoys.map(({ id, token_key: key }) => ({ id, broken: by, at: broken.get(key)?.at ?? now() }));
    await markBroken(db, marks, now());
  }
  return { is: "handled", note: "Marked as broken. Plan a replacement on the vault's page." };
}

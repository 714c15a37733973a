import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import type { Database, NoticeTable } from "@/lib/store/schema";
import type { NoticeList } from "./notices.pure";
import { isTold } from "./webhook.pure";

const SHOWN = 50;
/** PostgreSQL takes 65,535 parameters a statement. */
export const ROWS_PER_STATEMENT = 1_000;
/** A touch is told so long; what follows it is the security team's. */
export const TOUCH_TOLD_MS = 14 * 24 * 60 * 60_000;

/**
 * What the person is told of the vaults that are theirs by their own token, without what they have dismissed. A notice
 * names a vault and never a decoy.
 */
export async function listNotices(ctx: UserContext): Promise<NoticeList> {
  const { db, user } = ctx;
  const open = await db
    .selectFrom("notice")
    .selectAll()
    .where("cleared_at", "is", null)
    .orderBy("at", "desc")
    .execute();
  if (open.length === 0) return { notices: [] };
  const [mine, dismissed] = await Promise.all([
    vaultsOf(ctx),
    db
      .selectFrom("notice_dismissal")
      .select(["notice_id", "at"])
      .where("tid", "=", user.tid)
      .where("oid", "=", user.oid)
      .execute(),
  ]);
  const seen = new Map(dismissed.map((one) => [one.notice_id, one.at]));
  return {
    notices: open
      .flatMap(({ id, kind, vault_id, at }) => {
        const vaultId = parseVaultId(vault_id);
        const before = seen.get(id);
        if (!vaultId || !mine.has(vaultId) || (before && before >= at)) return [];
        return [
          { id, kind, vault: { name: vaultIdParts(vaultId).name, path: vaultPath(vaultId) }, at: at.toISOString() },
        ];
      })
      .slice(0, SHOWN),
  };
}

/** The person has seen it; it comes back when it happens again. Throws AppError `not_found` for a vault not theirs. */
export async function dismissNotice(ctx: UserContext, id: string): Promise<{ dismissed: string }> {
  const { db, user, now } = ctx;
  const notice = await db.selectFrom("notice").select("vault_id").where("id", "=", id).executeTakeFirst();
  if (!notice || !(await vaultsOf(ctx)).has(notice.vault_id)) {
    throw new AppError("not_found", "There is no such notice for you.", { fix: "Reload the page." });
  }
  const at = now();
  await db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("notice_dismissal")
      .values({ notice_id: id, tid: user.tid, oid: user.oid, at })
      .onConflict((conflict) => conflict.columns(["notice_id", "tid", "oid"]).doUpdateSet({ at }))
      .execute();
    const entry = { by: user, action: "notice.dismiss", vaultId: notice.vault_id, after: { notice: id }, result: "ok" };
    await writeAudit(transaction, entry, at);
  });
  return { dismissed: id };
}

/**
 * Whether owners hear of a touch of this severity: not of what somebody has said to expect of a caller, nor of a mere look,
 * which are Informational and the security team's affair. A refused read of a key is Low, and told.
 */
export function isToldToOwners(severity: string): boolean {
  return isTold(severity, "Low");
}

/** Opens a notice for each of the vaults, or says that it happened again. */
export async function tell(
  db: Kysely<Database>,
  kind: NoticeTable["kind"],
  vaultIds: readonly string[],
  at: Date,
): Promise<void> {
  // A statement must not meet a row twice.
  const vaults = [...new Set(vaultIds)];
  for (let start = 0; start < vaults.length; start += ROWS_PER_STATEMENT) {
    const batch = vaults.slice(start, start + ROWS_PER_STATEMENT);
    await db
      .insertInto("notice")
      .values(batch.map((vault_id) => ({ id: randomUUID(), vault_id, kind, at, cleared_at: null })))
      .onConflict((conflict) =>
        conflict.columns(["vault_id", "kind"]).where("cleared_at", "is", null).doUpdateSet({ at }),
      )
      .execute();
  }
}

async function vaultsOf(ctx: UserContext): Promise<Set<string>> {
  const { vaults } = await readBoard(ctx);
  return new Set(vaults.filter(({ mine }) => mine).map(({ id }) => id));
}

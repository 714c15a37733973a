import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import type { Drift } from "../drift";
import { publishExceptions } from "../publish-exceptions";
import type { Removal } from "./plan";
import { writeItems } from "./write-items";

/** Publishes our rows again, also where our table says that they are there. */
export async function publishExceptionsAgain(service: ServiceContext, findings: readonly Drift[]): Promise<void> {
  await inDoubt(service, findings);
  await publishExceptions(service);
}

/** Deletes rows that lower alerts and that no exception of ours stands behind. */
export async function removeExceptionRows(service: ServiceContext, findings: readonly Drift[]): Promise<void> {
  const foreign = findings.flatMap((finding): Removal[] => {
    const { row_id: itemId, exception_id: exceptionId, vault_id: vaultId } = finding;
    return itemId === null || exceptionId !== null ? [] : [{ is: "remove", decoyId: "", vaultId, itemId }];
  });
  // It raises alerts again, so the month's count must not keep it.
  await writeItems(service, foreign, true);
  await inDoubt(service, findings);
  await publishExceptions(service);
}

/** What the watchlist holds of these is not what our table says, so it is sent whatever that says. */
async function inDoubt({ db, now }: ServiceContext, findings: readonly Drift[]): Promise<void> {
  const items = findings.flatMap(({ exception_id, row_id }) => (exception_id && row_id ? [row_id.toLowerCase()] : []));
  await db
    .updateTable("alert_exception_row")
    .set({ publishing_at: now() })
    .where(sql<boolean>`lower(watchlist_item_id) = any(${sql.val(items)}::text[])`)
    .execute();
}

import "server-only";
import type { Decoy } from "@/lib/store/decoys";

/** Columns of the published register: the four of Microsoft's own list, then ours. The first is its search key. */
export const COLUMNS = [
  "ResourceId",
  "ResourceProvider",
  "HoneyToken",
  "Properties",
  "TokenKey",
  "State",
  "PlanterOid",
  "WindowStart",
  "WindowEnd",
] as const;

export type Fields = Record<(typeof COLUMNS)[number], string>;

/** What of a decoy its row tells. */
export type RegisterDecoy = Pick<
  Decoy,
  "id" | "vault_id" | "kind" | "name" | "token_key" | "planter_oid" | "watchlist_item_id"
>;

/** The row of a decoy. Without a window the planter's own touches are reported like anybody's. */
export function fieldsOf(
  decoy: RegisterDecoy,
  state: "planting" | "live" | "retiring",
  window: { start: Date; end: Date } | undefined,
): Fields {
  return {
    ResourceId: decoy.vault_id,
    ResourceProvider: "Microsoft.KeyVault",
    HoneyToken: decoy.name,
    Properties: JSON.stringify({ Type: decoy.kind }),
    TokenKey: decoy.token_key,
    State: state,
    PlanterOid: decoy.planter_oid ?? "",
    WindowStart: window?.start.toISOString() ?? "",
    WindowEnd: window?.end.toISOString() ?? "",
  };
}

/** Whether two rows say the same. A column that one of them lacks is empty. */
export function sameFields(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return COLUMNS.every((column) => (a[column] ?? "") === (b[column] ?? ""));
}

/** Our columns of a row as the service gave it. */
export function ownColumns(row: Readonly<Record<string, string>>): Fields {
  const cell = (column: (typeof COLUMNS)[number]): string => row[column] ?? "";
  return {
    ResourceId: cell("ResourceId"),
    ResourceProvider: cell("ResourceProvider"),
    HoneyToken: cell("HoneyToken"),
    Properties: cell("Properties"),
    TokenKey: cell("TokenKey"),
    State: cell("State"),
    PlanterOid: cell("PlanterOid"),
    WindowStart: cell("WindowStart"),
    WindowEnd: cell("WindowEnd"),
  };
}

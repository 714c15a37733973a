import "server-only";
import { deleteWatchlistItem, ensureWatchlist, putWatchlistItem } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import type { Decoy } from "@/lib/store/decoys";

/** Columns of the published register: the four of Microsoft's own list, then ours. The first is its search key. */
const COLUMNS = [
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

export async function ensureRegister({ azure, config }: ServiceContext): Promise<void> {
  await ensureWatchlist(azure.registrar, config.workspace.resourceId, config.watchlistAlias, COLUMNS);
}

/** Publishes one row. Writing the same row again changes nothing: its id is the decoy's own. */
export async function putRegisterRow(
  { azure, config }: ServiceContext,
  decoy: Decoy,
  state: "planting" | "live" | "retiring",
  window: { start: Date; end: Date },
): Promise<void> {
  const fields: Record<(typeof COLUMNS)[number], string> = {
    ResourceId: decoy.vault_id,
    ResourceProvider: "Microsoft.KeyVault",
    HoneyToken: decoy.name,
    Properties: JSON.stringify({ Type: decoy.kind }),
    TokenKey: decoy.token_key,
    State: state,
    PlanterOid: decoy.planter_oid ?? "",
    WindowStart: window.start.toISOString(),
    WindowEnd: window.end.toISOString(),
  };
  const { workspace, watchlistAlias } = config;
  await putWatchlistItem(azure.registrar, workspace.resourceId, watchlistAlias, decoy.watchlist_item_id, fields);
}

export async function deleteRegisterRow({ azure, config }: ServiceContext, decoy: Decoy): Promise<void> {
  const { workspace, watchlistAlias } = config;
  await deleteWatchlistItem(azure.registrar, workspace.resourceId, watchlistAlias, decoy.watchlist_item_id);
}

import "server-only";
import type { ServiceContext } from "@/lib/context";
import { readSettings } from "@/lib/settings/settings";
import type { FleetRequest } from "../fleet.pure";

/** Why a second administrator has to approve a plan; undefined when nobody has to. */
export async function approvalFor(
  { db }: Pick<ServiceContext, "db">,
  { operation, selection }: FleetRequest,
  planned: number,
): Promise<string | undefined> {
  if (operation !== "plant" && isAll(selection)) {
    return `It ${operation === "retire" ? "removes" : "replaces"} the honeytokens of every vault.`;
  }
  const { approvalAboveVaults: most } = (await readSettings(db)).deployments;
  if (planned <= most) return undefined;
  return `It changes ${planned} vaults, more than the ${most} that one person may do alone.`;
}

/** A filter that hides nothing stands for all. */
function isAll(selection: FleetRequest["selection"]): boolean {
  if (selection.by !== "filter") return selection.by === "all";
  const { q, states, subscriptions, reasons, mine } = selection.query;
  return q.trim() === "" && !mine && [states, subscriptions, reasons].every(({ length }) => length === 0);
}

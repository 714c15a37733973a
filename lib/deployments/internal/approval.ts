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
  if (operation !== "plant" && selection.by === "all") return "It removes the honeytokens of every vault.";
  const { approvalAboveVaults: most } = (await readSettings(db)).deployments;
  if (planned <= most) return undefined;
  return `It changes ${planned} vaults, more than the ${most} that one person may do alone.`;
}

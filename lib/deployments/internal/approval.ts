import "server-only";
import type { ServiceContext } from "@/lib/context";
import type { FleetRequest } from "../fleet.pure";

/** Without a setting of its own: so many vaults one administrator may do alone. */
const ALONE_MAX = 500;

/** Why a second administrator has to approve a plan; undefined when nobody has to. */
export async function approvalFor(
  _: Pick<ServiceContext, "db">,
  { operation, selection }: FleetRequest,
  planned: number,
): Promise<string | undefined> {
  if (operation !== "plant" && selection.by === "all") return "It removes the honeytokens of every vault.";
  if (planned > ALONE_MAX)
    return `It changes ${planned} vaults, more than the ${ALONE_MAX} that one person may do alone.`;
  return undefined;
}

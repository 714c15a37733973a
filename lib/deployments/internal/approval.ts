import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { readSettings } from "@/lib/settings/settings";
import { isRemovable } from "@/lib/store/decoys";
import type { FleetRequest } from "../fleet.pure";

/** What a plan comes to, as far as an approval hangs on it. */
interface Size {
  /** Vaults that it changes. */
  planned: number;
  /** It leaves out no vault that the person sees. */
  all: boolean;
}

/** Why a second administrator has to approve a plan; undefined when nobody has to. */
export async function approvalFor(
  { db }: Pick<ServiceContext, "db">,
  { operation }: Pick<FleetRequest, "operation">,
  { planned, all }: Size,
): Promise<string | undefined> {
  if (operation !== "plant" && (all || (planned > 1 && planned >= (await vaultsWithHoneytokens(db))))) {
    return `It ${operation === "retire" ? "removes" : "replaces"} the honeytokens of every vault.`;
  }
  const { approvalAboveVaults: most } = (await readSettings(db)).deployments;
  if (planned <= most) return undefined;
  return `It changes ${planned} vaults, more than the ${most} that one person may do alone.`;
}

async function vaultsWithHoneytokens(db: ServiceContext["db"]): Promise<number> {
  const { vaults } = await db
    .selectFrom("decoy")
    .select(sql<string>`count(distinct vault_id)`.as("vaults"))
    .where(isRemovable)
    .executeTakeFirstOrThrow();
  return Number(vaults);
}

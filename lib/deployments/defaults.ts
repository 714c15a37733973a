import "server-only";
import type { ServiceContext } from "@/lib/context";
import { readSettings } from "@/lib/settings/settings";
import type { FleetRequest, PlanDefaults } from "./fleet.pure";

/** What a plan is made with where the person says nothing. Nothing in it tells of a decoy. Throws as `readSettings`. */
export async function planDefaults({ db }: Pick<ServiceContext, "db">): Promise<PlanDefaults> {
  const { deployments } = await readSettings(db);
  return { spreadHours: deployments.defaultSpreadHours };
}

/** The request with what it leaves out as the settings say now: a later change of them is not for a plan that is made. */
export function withDefaults(request: FleetRequest, { spreadHours }: PlanDefaults): FleetRequest {
  return { ...request, spreadHours: request.spreadHours ?? spreadHours };
}

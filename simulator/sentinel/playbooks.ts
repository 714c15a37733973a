import { mayControl } from "../access";
import type { Context } from "../context";
import type { Principal } from "../model";
import type { Incident } from "./documents";

/** Application id of Microsoft Sentinel's own service principal ("Azure Security Insights"), the same in every tenant. */
export const SENTINEL_APP_ID = "98785600-1bb7-4fb9-b9fa-19afe2c8a360";

/** The action that Sentinel's service principal needs at the playbook: what Automation Contributor gives. */
const RUN = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action";

/** Sentinel's service principal in this tenant. */
export function sentinelPrincipal(context: Context): Principal | undefined {
  for (const principal of context.model.principals.values()) if (principal.appId === SENTINEL_APP_ID) return principal;
  return undefined;
}

/** Whether Sentinel itself may start the playbook. Source: Microsoft Learn, permissions of automation rules. */
export function sentinelMayRun(context: Context, logicAppResourceId: string): boolean {
  const principal = sentinelPrincipal(context);
  if (!principal) return false;
  const { oid, kind } = principal;
  return mayControl(context, { oid, appId: SENTINEL_APP_ID, kind }, RUN, logicAppResourceId);
}

/**
 * Notes that a playbook was started for an incident. Logic apps do not exist in the simulated tenant, so none runs;
 * a start that Sentinel has no right to leaves nothing, as in Azure, where only the health table tells of it.
 *
 * @returns whether it was started.
 */
export function startPlaybook(
  context: Context,
  incident: Pick<Incident, "workspaceId" | "name">,
  logicAppResourceId: string,
  startedBy: string,
): boolean {
  if (!sentinelMayRun(context, logicAppResourceId)) return false;
  const startedAt = context.now();
  const { workspaceId, name: incidentName } = incident;
  const key = `${workspaceId}/${incidentName}/${startedAt}/${context.model.playbookRuns.size}`;
  context.model.playbookRuns.put(key, { workspaceId, incidentName, logicAppResourceId, startedBy, startedAt });
  return true;
}

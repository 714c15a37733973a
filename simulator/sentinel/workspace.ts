import { badRequest } from "../arm/errors";
import { authorize, requireWorkspace, workspaceIdOf } from "../arm/scope";
import type { Call } from "../context";
import type { Principal, Workspace } from "../model";

/** Path of the Microsoft Sentinel provider on a workspace, with the route's parameters `s`, `g` and `w`. */
export const SENTINEL =
  "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.OperationalInsights/workspaces/{w}/providers/Microsoft.SecurityInsights";

/** The workspace of a Sentinel call, once the right on it is there and it is onboarded. `path` follows the provider. */
export function sentinelWorkspace(call: Call, params: Record<string, string>, action: string, path: string): Workspace {
  authorize(call, action, `${workspaceIdOf(params)}/providers/Microsoft.SecurityInsights/${path}`);
  const workspace = requireWorkspace(call, params);
  if (workspace.sentinel === false)
    throw badRequest(`Workspace '${workspace.name}' is not onboarded to Microsoft Sentinel.`);
  return workspace;
}

/** Who made a change, in the form of Sentinel's bodies. */
export function userInfo(call: Call, objectId: string): { objectId: string; email: string; name: string } {
  const principal: Principal | undefined = call.model.principals.get(objectId);
  return { objectId, email: principal?.upn ?? "", name: principal?.name ?? "" };
}

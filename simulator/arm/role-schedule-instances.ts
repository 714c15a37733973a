import { normaliseScope, roleGuid, scopeCovers } from "../access";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { reachOf } from "../policy/hierarchy";
import { onlyFilters, readFilter } from "./filter";
import { ok, page, parameter } from "./respond";
import { scheduleInstanceBody } from "./role-schedule-bodies";
import { authorize, requireScope } from "./scope";

/** The assignments that are active now, with their ends: list at a scope. */
export function routeRoleScheduleInstances(router: Router<Call>): void {
  router.on("GET", "/{scope*}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances", (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, "Microsoft.Authorization/roleAssignmentScheduleInstances/read", scope);
    requireScope(call, scope);
    return list(call, scope);
  });
}

/** At, above and below the scope; `atScope()` leaves out below, the others narrow by principal and role. */
function list(call: Call, scope: string): SimResponse {
  const filter = readFilter(parameter(call, "$filter"));
  onlyFilters(filter, ["atscope", "assignedto"], ["principalid", "roledefinitionid"]);
  const principal = (filter.equals.get("principalid") ?? filter.functions.get("assignedto"))?.toLowerCase();
  const role = filter.equals.get("roledefinitionid");
  const at = normaliseScope(scope);
  const now = call.now();
  const found = [...call.model.roleAssignments.values()].filter((assignment) => {
    if ((assignment.schedule?.endsAt ?? Number.POSITIVE_INFINITY) <= now) return false;
    if (principal !== undefined && assignment.principalId.toLowerCase() !== principal) return false;
    if (role !== undefined && roleGuid(assignment.roleDefinitionId) !== roleGuid(role)) return false;
    const assigned = reachOf(call.model, normaliseScope(assignment.scope));
    const below = !filter.functions.has("atscope") && scopeCovers(at, assigned[0] ?? "");
    return below || assigned.some((reached) => scopeCovers(reached, at));
  });
  return ok(page(call, found.map(scheduleInstanceBody), ({ id }) => id, 1000));
}

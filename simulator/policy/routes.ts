import type { Call } from "../context";
import type { Router } from "../http";
import { routePolicyAssignments } from "./assignments";
import { routePolicyDefinitions } from "./definitions";
import { routePolicyExemptions } from "./exemptions";
import { routeManagementGroups } from "./management-groups";
import { routeRemediations } from "./remediations";
import { routePolicyScans } from "./scans";
import { routePolicySets } from "./set-definitions";
import { routePolicyStates } from "./state-routes";

/** Microsoft.Authorization policies, Microsoft.PolicyInsights and Microsoft.Management. */
export function routePolicy(router: Router<Call>): void {
  routeManagementGroups(router);
  routePolicyDefinitions(router);
  routePolicySets(router);
  routePolicyAssignments(router);
  routePolicyExemptions(router);
  routePolicyStates(router);
  routePolicyScans(router);
  routeRemediations(router);
}

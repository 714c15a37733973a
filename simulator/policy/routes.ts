import type { Call } from "../context";
import type { Router } from "../http";

/** Microsoft.Authorization policies, Microsoft.PolicyInsights and Microsoft.Management. */
export function routePolicy(_router: Router<Call>): void {}

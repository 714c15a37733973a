import type { Call } from "../context";
import type { Router } from "../http";
import { routeStorage } from "../storage/routes";
import { routeActionGroups } from "./action-groups";
import { routeActivityLog } from "./activity-log";
import { routeQueryRules } from "./query-rules";

/** Microsoft.Insights beyond diagnostic settings, and Microsoft.Storage. */
export function routeMonitor(router: Router<Call>): void {
  for (const route of [routeActionGroups, routeQueryRules, routeActivityLog, routeStorage]) route(router);
}

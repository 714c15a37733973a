import type { Call } from "../context";
import type { Router } from "../http";

/** Microsoft.Insights beyond diagnostic settings, and Microsoft.Storage. */
export function routeMonitor(_router: Router<Call>): void {}

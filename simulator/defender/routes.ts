import type { Call } from "../context";
import type { Router } from "../http";

/** Microsoft.Security. */
export function routeDefender(_router: Router<Call>): void {}

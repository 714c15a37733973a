import type { Call } from "../context";
import type { Router } from "../http";
import { routeAlertRules } from "./alert-rules";
import { routeOnboarding } from "./onboarding";
import { routeWatchlistItems } from "./watchlist-items";
import { routeWatchlists } from "./watchlists";

/** Microsoft.SecurityInsights. */
export function routeSentinel(router: Router<Call>): void {
  for (const route of [routeWatchlists, routeWatchlistItems, routeAlertRules, routeOnboarding]) route(router);
}

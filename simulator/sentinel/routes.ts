import type { Call } from "../context";
import type { Router } from "../http";
import { routeAlertRules } from "./alert-rules";
import { routeAutomationRules } from "./automation-rules";
import { routeBookmarks } from "./bookmarks";
import { routeIncidentComments } from "./incident-comments";
import { routeIncidentContents } from "./incident-contents";
import { routeIncidentPlaybook } from "./incident-playbook";
import { routeIncidentRelations } from "./incident-relations";
import { routeIncidentTasks } from "./incident-tasks";
import { routeIncidents } from "./incidents";
import { routeOnboarding } from "./onboarding";
import { routeOperations } from "./operations";
import { routeRuleActions } from "./rule-actions";
import { routeRuleTemplates } from "./rule-templates";
import { routeWatchlistItems } from "./watchlist-items";
import { routeWatchlists } from "./watchlists";

/** Microsoft.SecurityInsights. */
export function routeSentinel(router: Router<Call>): void {
  for (const route of [
    routeWatchlists,
    routeWatchlistItems,
    routeAlertRules,
    routeOnboarding,
    routeIncidents,
    routeIncidentComments,
    routeIncidentContents,
    routeIncidentRelations,
    routeIncidentTasks,
    routeIncidentPlaybook,
    routeBookmarks,
    routeAutomationRules,
    routeRuleActions,
    routeRuleTemplates,
    routeOperations,
  ]) {
    route(router);
  }
}
